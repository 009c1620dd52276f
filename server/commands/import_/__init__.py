"""``flowtrail import``: ``command`` reads the options, ``run`` sends the logs, ``target`` finds a collector."""
