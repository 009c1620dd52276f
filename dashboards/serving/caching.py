"""How long a browser may keep what it was sent."""

import flask

NEVER = "no-store"
ASK_AGAIN = "no-cache"
"""Kept, but asked for again with its ETag; an answer of 304 also keeps what the browser has compiled."""

FOR_GOOD = "public, max-age=31536000, immutable"
ASSETS, BUNDLES = "/assets/", "/_dash-component-suites/"


def kept(request: flask.Request, response: flask.Response) -> str:
    """The header Cache-Control. Figures are never kept; a script whose address changes with its content is for good."""
    if response.status_code not in {200, 304}:
        return NEVER
    if request.path.startswith(BUNDLES):
        return FOR_GOOD if response.cache_control.max_age else ASK_AGAIN
    if request.path.startswith(ASSETS):
        return FOR_GOOD if "m" in request.args else ASK_AGAIN
    return NEVER
