"""``flowtrail export``: ``command`` holds the options and writes the file, ``run`` reads it from a server or store."""
