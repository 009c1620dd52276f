"""ClickHouse: the client, the way in, the migrations and the named queries. No business rule lives here.

Read ``client`` first (one type for chDB and a server), then ``intake`` (requests become one insert), ``migrate`` and
``queries/`` (a file for each question). ``redaction`` removes what a policy names before anything is stored.
"""
