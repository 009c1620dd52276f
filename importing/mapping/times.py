"""Times of a log as nanoseconds since 1970."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from importing.mapping.mapping import TimesPart

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_UNITS: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_FINE: Final = re.compile(r"[.,]\d{6}(\d{1,3})")
"""What a datetime has no room for: the digits beyond microseconds."""

_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def reader(times: TimesPart) -> Callable[[Any], int]:
    """A function from a value of a log to Unix nanoseconds. It raises ValueError with a sentence."""
    zone = dt.UTC if times.zone == "UTC" else ZoneInfo(times.zone)
    if times.format in _UNITS:
        return lambda value: _count(value, _UNITS[times.format])
    if times.format:
        return lambda value: _moment(value if isinstance(value, dt.date) else _by_format(value, times.format), zone)
    return lambda value: _moment(value, zone) if isinstance(value, dt.date) else _iso(str(value), zone)


def _iso(value: str, zone: dt.tzinfo) -> int:
    written = value.strip()
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(f"{written[:60]!r} is not a time in ISO 8601") from None
    fine = 0
    if len(written) > 26 and (more := _FINE.search(written)):
        fine = int(more[1].ljust(3, "0"))
    return _moment(moment, zone) + fine


def _moment(value: dt.date, zone: dt.tzinfo) -> int:
    if not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone follows
    fine = int(getattr(value, "nanosecond", 0))
    moment = value if value.tzinfo is not None else value.replace(tzinfo=zone)
    return (moment - _EPOCH) // _MICROSECOND * 1000 + fine


def _by_format(value: Any, form: str) -> dt.datetime:
    try:
        return dt.datetime.strptime(str(value).strip(), form)  # noqa: DTZ007 - the zone follows
    except ValueError:
        raise ValueError(f"{str(value)[:60]!r} does not fit the format {form}") from None


def _count(value: Any, unit: int) -> int:
    written = str(value).strip()
    if isinstance(value, bool) or not _NUMBER.fullmatch(written):
        raise ValueError(f"{written[:60]!r} is not a number of time units since 1970")
    whole, _, part = written.partition(".")
    sign = -1 if whole.startswith("-") else 1
    return int(whole) * unit + sign * (int(part.ljust(9, "0")[:9]) * unit // 10**9 if part else 0)
