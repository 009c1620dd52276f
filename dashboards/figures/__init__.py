"""Answers of the query API as plotly figures and SVG drawings. Imports no Dash.

``theme`` is the common look. The timeline of a trail: ``scene`` (what is shown), ``marks`` (how an event looks),
``canvas``, then ``sequence`` and ``timescale`` (the two scales). KPIs: ``buckets`` (the time axis), ``lines`` and
``stacks``, then one module for each KPI that needs more than these. ``measure`` draws a business measure.
"""
