"""Finding cases by any identifier that somebody quotes.

``search`` asks the store; ``readings`` first works out which identifier a pasted text may mean.
"""
