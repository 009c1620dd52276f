"""The mapping: what the attributes of a log mean.

Read ``mapping`` (the mapping file) and ``value_source`` (where a value comes from), then ``completion``, which guesses
what a mapping leaves open. ``selectors``, ``patterns`` and ``times`` turn a complete mapping into functions.
"""
