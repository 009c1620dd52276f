"""Instants: whole nanoseconds since 1970 in UTC, read from and written as RFC 3339.

A ``datetime`` holds microseconds only. The store keeps nanoseconds, and answers must be exact.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from cases.errors import InvalidQuery

SECOND: Final = 1_000_000_000
"""Nanoseconds."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_SECOND: Final = timedelta(seconds=1)
# Twice the nanoseconds between any two such instants fit in 64 bits, which is what the Kaplan-Meier statement needs.
_YEARS: Final = range(1970, 2100)
_FORM: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)


def from_datetime(moment: datetime) -> int:
    """``moment``, which must have a time zone, as nanoseconds. Exact."""
    seconds, rest = divmod(moment - _EPOCH, _ONE_SECOND)
    return seconds * SECOND + rest.microseconds * 1000


def to_datetime(instant: int) -> datetime:
    """``instant`` in UTC, truncated to microseconds."""
    return _EPOCH + timedelta(microseconds=instant // 1000)


def rfc3339(instant: int) -> str:
    """``2026-11-22T10:04:05Z``; fractions of a second are written with 3, 6 or 9 digits."""
    seconds, nanos = divmod(instant, SECOND)
    text = f"{to_datetime(seconds * SECOND):%Y-%m-%dT%H:%M:%S}"
    if not nanos:
        return f"{text}Z"
    digits = f"{nanos:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{text}.{digits}Z"


def parse_rfc3339(text: str, field: str) -> int:
    """The instant in ``text``. Raises InvalidQuery, which names ``field``."""
    form = _FORM.fullmatch(text)
    if not form:
        raise _unreadable(text, field)
    try:
        moment = datetime.fromisoformat(form[1] + ("+00:00" if form[3] in "zZ" else form[3]))
    except ValueError as error:
        raise _unreadable(text, field) from error
    check_year(moment.year, text, field)
    return from_datetime(moment) + int((form[2] or "").ljust(9, "0"))


def check_year(year: int, text: str, field: str) -> None:
    """Raise InvalidQuery for a year that the store cannot hold."""
    if year not in _YEARS:
        raise InvalidQuery(f"{field}={text} is out of range.", "Use a year from 1970 to 2099.")


def _unreadable(text: str, field: str) -> InvalidQuery:
    hint = "Use a date (2026-03-29) or an RFC 3339 time with its offset (2026-03-29T00:00:00Z)."
    if " " in text:
        # An unescaped + in an address arrives as a blank.
        hint += " In an address, write + as %2B."
    return InvalidQuery(f"{field}={text} is not a time.", hint)
