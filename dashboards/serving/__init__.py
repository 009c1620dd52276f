"""What stands between a browser and the Dash app.

``asgi`` runs the app, which is WSGI, beside the query API on one port. ``index_page`` is the HTML that loads the
scripts. ``caching`` says what a browser may keep. ``downloads`` passes exports of the query API on.
"""
