"""Exports cases: the events of selected cases as files that other tools read.

Read in this order:

1. ``events``: reads the events of the selected cases, page by page.
2. ``values`` and ``table``: how values are written, and the columns of a table of events.
3. ``csv``, ``parquet``, ``ocel``, ``otlp``: one writer per format. ``distinct`` writes a shared event once.
4. ``formats``: the formats by name, and the one function that writes any of them.
"""
