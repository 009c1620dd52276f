"""``flowtrail flows``: ``command`` holds the options and asks the query API, ``page`` prints a flow."""
