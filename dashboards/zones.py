"""The reader's time zone. The browser sends it in a cookie that ``assets/flowtrail.js`` sets."""

from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import flask

COOKIE = "flowtrail_zone"
UTC = ZoneInfo("UTC")


def reader_zone() -> ZoneInfo:
    """The zone of the requesting browser; UTC if the cookie is missing or invalid."""
    if not flask.has_request_context():
        return UTC
    return named(unquote(flask.request.cookies.get(COOKIE, ""))) or UTC


def named(name: str) -> ZoneInfo | None:
    """A zone by its IANA name; None if there is no such zone."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
