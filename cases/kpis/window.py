"""The window of a question, half-open, cut into buckets of the local calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from cases import instants
from cases.errors import InvalidQuery
from cases.kpis import zones

if TYPE_CHECKING:
    from collections.abc import Iterator

Interval = Literal["hour", "day", "week", "month", "none"]

INTERVALS: Final[tuple[str, ...]] = get_args(Interval)
WEEK_RULE: Final = "ISO 8601 (Monday)"
MAX_BUCKETS: Final = 2_000
"""Three months of hours; more than that no chart shows."""

_WHOLE_WEEKS: Final = 6
_HOURS: Final = {"hour": 1, "day": 24, "week": 7 * 24, "month": 28 * 24}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Half-open ``[start, end)`` in nanoseconds; ``label`` is its start on the local clock, with the offset."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Window:
    """Half-open ``[start, end)`` in nanoseconds, read in the IANA zone ``tz``."""

    start: int
    end: int
    tz: str = "UTC"
    interval: Interval = "week"

    def __post_init__(self) -> None:
        """Raise InvalidQuery for a window that holds nothing or too many buckets."""
        if self.end <= self.start:
            raise InvalidQuery("The window is empty: from is not before to.", "Give a from before to.")
        hours = _HOURS.get(self.interval)
        if hours and (self.end - self.start) / (hours * 3600 * instants.SECOND) > MAX_BUCKETS:
            message = f"The window has more than {MAX_BUCKETS} buckets of one {self.interval}."
            raise InvalidQuery(message, "Use a larger interval or a shorter window.")
        zones.zone(self.tz)

    @cached_property
    def edges(self) -> list[int]:
        """Where buckets begin, and last where the window ends. The first and the last bucket are cut to the window."""
        inner = [edge for edge in self._boundaries() if self.start < edge < self.end]
        return [self.start, *sorted(set(inner)), self.end]

    @cached_property
    def buckets(self) -> tuple[Bucket, ...]:
        """The buckets in order; none for the interval ``none``, whose only figures are totals."""
        if self.interval == "none":
            return ()
        tz = zones.zone(self.tz)
        return tuple(Bucket(a, b, zones.local(a, tz).isoformat()) for a, b in pairwise(self.edges))

    def to_json(self) -> dict[str, str]:
        """The contract's ``Window``."""
        return {
            "from": instants.rfc3339(self.start),
            "to": instants.rfc3339(self.end),
            "tz": self.tz,
            "interval": self.interval,
            "week_rule": WEEK_RULE,
        }

    def _boundaries(self) -> Iterator[int]:
        tz = zones.zone(self.tz)
        if self.interval == "none":
            return
        if self.interval == "hour":
            yield from zones.hours(self.start, self.end, tz)
            return
        day = _first_day(zones.local(self.start, tz).date(), self.interval)
        last = zones.local(self.end, tz).date()
        while day <= last:
            yield zones.midnight(day, tz)
            day = _next_day(day, self.interval)


def interval(name: str) -> Interval:
    """``name`` as an interval. Raises InvalidQuery."""
    if name not in INTERVALS:
        raise InvalidQuery(f"interval={name} is not known.", f"Use one of: {', '.join(INTERVALS)}.")
    return cast("Interval", name)


def week_end(instant: int, tz: str) -> int:
    """The end of the ISO week in which ``instant`` lies."""
    return _monday(instant, tz, weeks=1)


def six_weeks_before(instant: int, tz: str) -> int:
    """The start of the sixth whole ISO week before the week of ``instant``."""
    return _monday(instant, tz, weeks=-_WHOLE_WEEKS)


def _monday(instant: int, tz: str, weeks: int) -> int:
    place = zones.zone(tz)
    day = _first_day(zones.local(instant, place).date(), "week") + timedelta(weeks=weeks)
    return zones.midnight(day, place)


def _first_day(day: date, interval: str) -> date:
    if interval == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval == "month" else day


def _next_day(day: date, interval: str) -> date:
    if interval == "week":
        return day + timedelta(weeks=1)
    if interval == "month":
        return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=1)
