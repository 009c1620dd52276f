"""The window of a question, cut into buckets of the local calendar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args

from cases import instants
from cases.errors import InvalidQuery
from cases.kpis import calendar, zones

if TYPE_CHECKING:
    from collections.abc import Iterator

Interval = Literal["hour", "day", "week", "month", "none"]

INTERVALS: Final[tuple[str, ...]] = get_args(Interval)
ISO_WEEK: Final = 1
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""By ISO weekday, 1 is Monday."""
MAX_BUCKETS: Final = 2_000
"""About three months of hours; no chart shows more."""

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
    """Half-open ``[start, end)`` in nanoseconds, read in the IANA zone ``tz``; weeks begin on an ISO weekday."""

    start: int
    end: int
    tz: str = "UTC"
    interval: Interval = "week"
    week_starts: int = ISO_WEEK

    def __post_init__(self) -> None:
        """Raise InvalidQuery for a window that is empty or has too many buckets."""
        if self.end <= self.start:
            raise InvalidQuery("The window is empty: from is not before to.", "Give a from before to.")
        hours = _HOURS.get(self.interval)
        if hours and (self.end - self.start) / (hours * 3600 * instants.SECOND) > MAX_BUCKETS:
            message = f"The window has more than {MAX_BUCKETS} buckets of one {self.interval}."
            raise InvalidQuery(message, "Use a larger interval or a shorter window.")
        zones.zone(self.tz)

    @cached_property
    def edges(self) -> list[int]:
        """The starts of all buckets, then the end of the window. The first and last bucket are cut to the window."""
        inner = [edge for edge in self._boundaries() if self.start < edge < self.end]
        return [self.start, *sorted(set(inner)), self.end]

    @cached_property
    def buckets(self) -> tuple[Bucket, ...]:
        """The buckets in order; none for the interval ``none``, whose only figures are totals."""
        if self.interval == "none":
            return ()
        tz = zones.zone(self.tz)
        return tuple(Bucket(a, b, zones.local(a, tz).isoformat()) for a, b in pairwise(self.edges))

    @cached_property
    def before(self) -> Window:
        """The period right before this one, see :func:`cases.kpis.calendar.before`."""
        return Window(
            calendar.before(self.start, self.end, self.tz), self.start, self.tz, self.interval, self.week_starts
        )

    @cached_property
    def compared(self) -> tuple[tuple[int, int], ...]:
        """With which period each bucket is compared: the bucket before it; for the first, that of the calendar."""
        if self.interval == "none":
            return ((self.before.start, self.before.end),)
        first = calendar.bucket_before(self.start, self.tz, self.interval, self.week_starts)
        return (first, *pairwise(self.edges[:-1]))

    @property
    def week_rule(self) -> str:
        """On which day weeks begin, in words."""
        if self.week_starts == ISO_WEEK:
            return "ISO 8601 (Monday)"
        return f"from {WEEKDAYS[self.week_starts - 1]}"

    def to_json(self) -> dict[str, Any]:
        """The contract's ``Window``."""
        return {
            "from": instants.rfc3339(self.start),
            "to": instants.rfc3339(self.end),
            "tz": self.tz,
            "interval": self.interval,
            "week_rule": self.week_rule,
            "week_starts": self.week_starts,
        }

    def _boundaries(self) -> Iterator[int]:
        tz = zones.zone(self.tz)
        if self.interval == "none":
            return
        if self.interval == "hour":
            yield from zones.hours(self.start, self.end, tz)
            return
        day = calendar.first_day(zones.local(self.start, tz).date(), self.interval, self.week_starts)
        last = zones.local(self.end, tz).date()
        while day <= last:
            yield zones.midnight(day, tz)
            day = calendar.next_day(day, self.interval)


def interval(name: str) -> Interval:
    """``name`` as an interval. Raises InvalidQuery."""
    if name not in INTERVALS:
        raise InvalidQuery(f"interval={name} is not known.", f"Use one of: {', '.join(INTERVALS)}.")
    return cast("Interval", name)


def week(name: str | None, default: int) -> int:
    """The ISO weekday on which weeks begin; "iso" is Monday. Raises InvalidQuery."""
    if not name:
        return default
    days = [day.lower() for day in WEEKDAYS]
    if name.lower() == "iso":
        return ISO_WEEK
    if name.lower() not in days:
        raise InvalidQuery(f"week={name} is not known.", f"Use one of: iso, {', '.join(days)}.")
    return days.index(name.lower()) + 1


def week_end(instant: int, tz: str, week_starts: int = ISO_WEEK) -> int:
    """The end of the week in which ``instant`` lies."""
    return calendar.week_start(instant, tz, week_starts, weeks=1)


def six_weeks_before(instant: int, tz: str, week_starts: int = ISO_WEEK) -> int:
    """The start of the sixth whole week before the week of ``instant``."""
    return calendar.week_start(instant, tz, week_starts, weeks=-_WHOLE_WEEKS)
