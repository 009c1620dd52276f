"""Cases are made here: from all of their events, whenever one of them arrives.

Read ``fold`` first, with ``store/queries/fold/*.sql``. ``limits``, ``hubs`` and ``state`` bound and remember it,
``selection`` says which cases are folded again. ``rebuild`` and ``shadow_tables`` fold everything beside the live ones.
"""
