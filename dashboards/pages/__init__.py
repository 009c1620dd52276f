"""One module per page. ``layout()`` is a function of the address; callbacks turn clicks into addresses.

Start with ``flows``, the shortest. ``trail`` and ``business`` are the two large ones.
"""
