"""``flowtrail demo``: ``command`` holds the options, ``run`` starts the product and the five systems."""
