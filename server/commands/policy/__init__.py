"""``flowtrail policy``: ``command`` reads the options, ``sample`` shows what rules make of an attribute."""
