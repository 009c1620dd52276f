"""Data as text: read ``formats`` first (times, durations, money), then ``kpi_values``.

``comparison`` words the change since the previous period. ``declaration`` words what a flow declares.
"""
