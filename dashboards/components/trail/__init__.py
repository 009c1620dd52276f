"""The page of one case, from top to bottom.

``banner`` (where the case is now), ``identifiers``, ``attention`` (exceptions, approvals, SLA), ``totals``,
``expected`` (declared steps; ``step_progress`` computes them), ``timeline``, ``events`` (the list; ``entries`` orders
it) and ``logs`` (log records in the list).
"""
