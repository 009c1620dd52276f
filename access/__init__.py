"""Who may do what: keys, their tenants and scopes, in a transactional database. Knows nothing of ClickHouse and HTTP.

Read ``key`` and ``secrets`` first (what a key is), then ``keys`` and ``tenants`` (what the database keeps), ``keyring``
(the keys in the memory of a server) and ``door`` (who is let in). ``database``, ``schema`` and ``migrate`` are storage.
"""
