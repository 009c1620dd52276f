"""The domain: events become cases, and cases answer questions about one order and about the business.

Read in this order:

1. ``identifier``, ``money``, ``instants``, ``errors``: the vocabulary. ``parallel`` and ``progress`` are small tools.
2. ``flows``: how a flow is declared, or inferred from what was seen.
3. ``fold``: computes cases from their events and writes them to the store.
4. ``trail`` and ``search``: everything about one case, and how a case is found.
5. ``kpis`` and ``measures``: figures over many cases, and figures that systems report themselves.
6. ``recompute``: computes cases a second time, independently, to verify the fold.

Nothing here knows a web framework.
"""
