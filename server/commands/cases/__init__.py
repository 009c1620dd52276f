"""``flowtrail cases``: ``command`` reads the options, ``rebuild`` and ``verify`` do the work or ask the server."""
