"""Everything that is read back about one case.

Read in this order:

1. ``trail``: the entry point. It reads the parts below and puts them together.
2. ``event``, ``steps``, ``plain_spans``, ``span_tree``: the events of a case, and which spans belong to which step.
3. ``waits``: the time between steps.
4. ``sharing``, ``trace``: which other cases the events and ids belong to as well.
5. ``summary``, ``position``, ``facts``: one row of ``cases`` as totals, place, exceptions and approvals.
6. ``list_row``: the same row as one line of a list.
7. ``logs``: the log records of the case.
"""
