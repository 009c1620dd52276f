"""What the attributes of a log mean: the mapping file, and the guesses that complete it.

Read ``mapping`` first (the file), then ``sources``, ``selectors`` and ``patterns`` (its small words), then ``guess``.
"""
