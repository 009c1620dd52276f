"""What every part needs and no part owns.

The base error, the default tenant, the scopes of keys, which addresses are this machine's, the runner of migrations.
A leaf: it imports nothing of Flowtrail, so that everything may import it.
"""
