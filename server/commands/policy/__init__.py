"""``flowtrail policy``: ``command`` holds the options and prints, ``sample`` redacts one attribute with the rules."""
