"""``flowtrail flows``: ``command`` reads the options and asks the query API, ``page`` prints a flow."""
