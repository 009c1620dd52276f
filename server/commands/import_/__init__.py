"""``flowtrail import``: ``command`` holds the options and prints, ``run`` sends the logs to a ``destination``."""
