"""``flowtrail import``: ``command`` reads the options, ``run`` sends the logs, ``target`` finds or starts a collector."""
