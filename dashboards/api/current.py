"""The client of the running app. Pages are plain modules, so they find it through the Flask app."""

import flask

from dashboards.api.client import Api

KEY = "flowtrail-api"


def api() -> Api:
    """The client of the app that serves the current request."""
    client = flask.current_app.extensions[KEY]
    if not isinstance(client, Api):
        raise TypeError("The app has no API client. Make it with dashboards.app.create_app().")
    return client
