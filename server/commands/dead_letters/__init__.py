"""``flowtrail deadletters``: ``command`` reads the options, ``letters`` works on the files or asks the collector."""
