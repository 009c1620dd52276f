"""What every part needs and no part owns.

The base error, the default tenant, which addresses are this machine's, and the runner of migrations. A leaf: it imports
nothing of Flowtrail, so that everything may import it.
"""
