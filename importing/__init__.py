"""Imports event logs of other tools: their records become events, which are sent to a collector like any other.

Read in this order:

1. ``errors``, ``record``, ``report``: a record of a log as it stands in the file, and what happens to unreadable ones.
2. ``mapping``: what the attributes of a log mean.
3. ``reading``: from a file to records, one reader per format.
4. ``events``: from the records of a case to its events.
5. ``event_log``: puts these together for one file. ``preview`` shows the result without sending it.
6. ``sending``: from events to requests to a collector.
7. ``run``: one import. ``checkpoint`` lets it resume, ``progress_line`` shows how far it is.
"""
