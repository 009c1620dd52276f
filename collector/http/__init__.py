"""The HTTP port: HTTP/1.1 for senders that may be slow, broken or hostile.

Read ``message`` first (a request's head, a request, a response), then ``route`` (the table of addresses), ``app`` (what
happens to every request) and ``protocol`` (one connection, byte by byte). ``server`` listens. ``decompress`` limits
compressed bodies, ``browser`` recognises requests of web pages. What each address does is in ``collector.routes``.
"""
