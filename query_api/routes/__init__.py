"""The endpoints, one noun per module: those below ``/api/v1``, and the probes at the root (``health``).

Start with ``search``, which is the shortest, then read ``cases``.
"""
