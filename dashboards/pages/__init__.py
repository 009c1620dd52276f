"""One plain module for each page: ``layout()`` is a function of the URL, callbacks turn clicks into URLs."""
