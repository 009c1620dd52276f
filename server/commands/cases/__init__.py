"""``flowtrail cases``: ``command`` holds the options and prints, ``run`` does the work or has the server do it."""
