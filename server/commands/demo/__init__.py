"""``flowtrail demo``. ``command`` reads the options, ``run`` starts the product and the five systems."""
