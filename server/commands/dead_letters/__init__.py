"""``flowtrail deadletters``: ``command`` holds the options and prints, ``letters`` works on files or over HTTP."""
