"""Flows: which there are, how they are declared, and how their cases differ from the declaration.

Read in this order:

1. ``declarations``: a flow file, what it means, and how it is kept in the store.
2. ``flows``: the list of flows, and one of them in detail.
3. ``findings``: where a declaration and the observed cases disagree.
4. ``inference``: writes a first flow file from what was observed.
"""
