"""Long work beside serving, such as a rebuild of all cases.

Read ``jobs`` first (runs a job in a thread, one at a time), then ``routes`` and ``client`` (jobs over HTTP: the side of
the server and that of the command), then the two kinds of jobs, ``rebuilds`` and ``verifications``.
"""
