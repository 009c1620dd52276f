"""The business page: ``contents`` says which KPI stands where, ``cards`` what each card shows.

From top to bottom: ``filters``, ``tiles`` (the headline row), then one ``section`` after the other, each with a
``kpi_card`` (``headline`` figures, chart, ``kpi_table``) per KPI or a ``measure_card`` per business measure.
"""
