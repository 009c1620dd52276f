"""The ``Cache-Control`` header of every response."""

import flask

NEVER = "no-store"
REVALIDATE = "no-cache"
"""Revalidate with the ETag. After a 304 the browser also reuses the compiled script."""

IMMUTABLE = "public, max-age=31536000, immutable"
ASSETS, BUNDLES = "/assets/", "/_dash-component-suites/"


def cache_control(request: flask.Request, response: flask.Response) -> str:
    """The value of Cache-Control. Figures are never cached; scripts at an address that changes with them always are."""
    if response.status_code not in {200, 304}:
        return NEVER
    if request.path.startswith(BUNDLES):
        return IMMUTABLE if response.cache_control.max_age else REVALIDATE
    if request.path.startswith(ASSETS):
        return IMMUTABLE if "m" in request.args else REVALIDATE
    return NEVER
