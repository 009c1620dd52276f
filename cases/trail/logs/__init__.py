"""The log records of a case.

Read ``log`` (one record), then ``membership`` (which records belong to the case), ``page`` (a page of them) and
``sharing`` (which other cases a record belongs to as well).
"""
