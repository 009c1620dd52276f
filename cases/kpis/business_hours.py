"""The business hours of a flow's calendar as periods between instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cases import instants
from cases.kpis import zones

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from cases.flows.declarations.declaration import Calendar

Period = tuple[int, int]
"""Half-open, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Business hours from one instant to another, in order."""

    periods: tuple[Period, ...]

    def params(self) -> dict[str, Any]:
        """For the statements that measure business hours: starts and lengths in seconds."""
        # Never empty: the statements look into both arrays.
        some = [(begin // instants.SECOND, end // instants.SECOND) for begin, end in self.periods] or [(0, 0)]
        return {"opens": [begin for begin, _ in some], "lengths": [end - begin for begin, end in some]}


def hours(calendar: Calendar, since: int, until: int) -> Hours:
    """The business hours of ``calendar`` on every local day that touches ``[since, until]``.

    They follow the wall clock: on a day on which it changes, an hour that comes twice counts twice and a skipped hour
    does not count. Holidays have none.
    """
    place = zones.zone(calendar.time_zone)
    first, last = (zones.local(instant, place).date() for instant in (since, until))
    return _hours(calendar, first, last)


@lru_cache(maxsize=64)
def _hours(calendar: Calendar, first: date, last: date) -> Hours:
    place = zones.zone(calendar.time_zone)
    days = [first + timedelta(days=number) for number in range((last - first).days + 2)]
    midnights = [zones.midnight(day, place) for day in days]
    worked: list[Period] = []
    for day, begin, end in zip(days, midnights, midnights[1:], strict=False):
        if day in calendar.holidays:
            continue
        for segment in _segments(begin, end, place):
            worked.extend(_worked(day, calendar.business_hours[day.weekday()], segment, place))
    return Hours(tuple(sorted(worked)))


def _segments(begin: int, end: int, place: ZoneInfo) -> Iterator[Period]:
    """The parts of a day without a clock change."""
    edges = [begin, *_changes(begin, end, place), end]
    return ((start, stop) for start, stop in pairwise(edges) if start < stop)


def _changes(begin: int, end: int, place: ZoneInfo) -> list[int]:
    """When the clock changes between the two, found by bisection: on a whole second, and at most once a day."""
    before = _offset(begin, place)
    if begin >= end or before == _offset(end - 1, place):
        return []
    low, high = begin // instants.SECOND, (end - 1) // instants.SECOND
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle * instants.SECOND, place) == before else (low, middle)
    return [high * instants.SECOND]


def _worked(day: date, minutes: tuple[tuple[int, int], ...], segment: Period, place: ZoneInfo) -> Iterator[Period]:
    midnight = instants.from_datetime(datetime.combine(day, time(), UTC)) - _offset(segment[0], place)
    for first, last in minutes:
        begin = max(midnight + first * 60 * instants.SECOND, segment[0])
        end = min(midnight + last * 60 * instants.SECOND, segment[1])
        if begin < end:
            yield begin, end


def _offset(instant: int, place: ZoneInfo) -> int:
    """How far the clock of ``place`` is ahead of UTC, in nanoseconds."""
    offset = zones.local(instant, place).utcoffset() or timedelta()
    return offset // timedelta(microseconds=1) * 1000
