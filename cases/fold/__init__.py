"""The fold: cases computed from their events.

Read ``fold`` with the statements ``store/queries/fold/1_links.sql`` to ``9_cases.sql``, which it runs in this order;
then ``hubs`` (ids that are not followed) and ``limits``. ``rebuild`` computes everything afresh in ``shadow_tables``,
or folds the cases of a ``case_filter`` again. ``state`` remembers what a stop may have cut short.
"""
