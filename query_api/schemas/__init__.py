"""The response models, one noun per module. Every field has a description or an example; both end up in OpenAPI.

Start with ``base``, then ``case``. A ``trail`` is made of a case, its events (``event``) and log records (``log``).
"""
