"""The reader's time zone: the browser names it in a cookie (assets/flowtrail.js)."""

from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import flask

COOKIE = "flowtrail_zone"
UTC = ZoneInfo("UTC")


def reader_zone() -> ZoneInfo:
    """The zone of the browser that asks; UTC if it did not say or said nonsense."""
    if not flask.has_request_context():
        return UTC
    return named(unquote(flask.request.cookies.get(COOKIE, ""))) or UTC


def named(name: str) -> ZoneInfo | None:
    """A zone by its IANA name; None if there is no such zone."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
