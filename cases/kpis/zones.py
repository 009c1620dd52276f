"""Local calendar boundaries of an IANA time zone as instants, on clock-change days too.

Where a local time does not exist (the clock jumps over it) the boundary is the jump; where it exists twice, a day, week
or month begins at the first, and each of the two hours is an hour of its own.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from cases import instants
from cases.errors import InvalidQuery

_MACHINE_ZONES: Final = frozenset({"localtime", "Factory"})
_HOUR: Final = timedelta(hours=1)

HOUR: Final = 3600 * instants.SECOND


def zone(name: str) -> ZoneInfo:
    """The zone called ``name``. Raises InvalidQuery for anything but an IANA name."""
    if name not in _names():
        hint = "Use an IANA name such as Europe/Berlin, America/New_York or UTC."
        raise InvalidQuery(f"tz={name} is not a time zone.", hint)
    return ZoneInfo(name)


def local(instant: int, tz: ZoneInfo) -> datetime:
    """``instant`` on the wall clock of ``tz``, with its offset, cut to the microsecond."""
    return instants.to_datetime(instant).astimezone(tz)


def midnight(day: date, tz: ZoneInfo) -> int:
    """The first instant of ``day`` in ``tz``."""
    wall = datetime.combine(day, time())
    return _occurrences(wall, tz)[0] if _occurrences(wall, tz) else _jump_over(wall, tz)


def hours(start: int, end: int, tz: ZoneInfo) -> list[int]:
    """Every instant from ``start`` to ``end`` at which an hour begins on the wall clock, in order."""
    wall = local(start, tz).replace(minute=0, second=0, microsecond=0, tzinfo=None) - _HOUR
    last = local(end, tz).replace(tzinfo=None) + _HOUR
    starts: set[int] = set()
    while wall <= last:
        starts.update(_occurrences(wall, tz) or [_jump_over(wall, tz)])
        wall += _HOUR
    return sorted(instant for instant in starts if start <= instant <= end)


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones()) - _MACHINE_ZONES


def _occurrences(wall: datetime, tz: ZoneInfo) -> list[int]:
    """When the wall clock shows ``wall``: no, one or two instants in order."""
    # PEP 495: fold tells the two occurrences of a repeated wall time apart.
    occurrences = []
    for fold in (0, 1):
        moment = wall.replace(tzinfo=tz, fold=fold).astimezone(UTC)
        if moment.astimezone(tz).replace(tzinfo=None) == wall:
            occurrences.append(instants.from_datetime(moment))
    return sorted(set(occurrences))


def _jump_over(wall: datetime, tz: ZoneInfo) -> int:
    """The instant at which the clock jumps over ``wall``, which it never shows. Clocks change on whole seconds."""
    # In a gap, fold=1 reads the wall time with the later offset, hence before the jump; fold=0 gives one after it.
    before = instants.from_datetime(wall.replace(tzinfo=tz, fold=1)) // instants.SECOND
    after = instants.from_datetime(wall.replace(tzinfo=tz, fold=0)) // instants.SECOND
    while after - before > 1:
        middle = (before + after) // 2
        if local(middle * instants.SECOND, tz).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after * instants.SECOND
