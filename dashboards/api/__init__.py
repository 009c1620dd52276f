"""The query API as the pages see it. Read ``client`` first, then ``errors``.

``current`` finds the client of the running app. ``reported_measures`` reads the business measures of one page.
"""
