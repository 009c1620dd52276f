"""``flowtrail export``: ``command`` reads the options, ``source`` gets the file from a server or from the store."""
