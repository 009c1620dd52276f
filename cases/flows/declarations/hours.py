"""Business hours in a flow file: ``mon-fri: "09:00-17:00"``, ``sat: "09:00-12:00, 13:00-15:00"``."""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.flows.declarations.declaration import Minutes

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_STRETCH: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


def weekdays_of(text: str) -> tuple[int, ...]:
    """The weekdays (0 is Monday) in ``mon``, ``mon-fri`` or ``mon, wed``. Raises ValueError."""
    days: list[int] = []
    for part in text.lower().split(","):
        first, dash, last = (name.strip() for name in part.partition("-"))
        ends = (first, last if dash else first)
        if not all(name in WEEKDAYS for name in ends):
            raise ValueError(f"{text!r} is not a list of days; write mon-fri, sat or mon, wed ({', '.join(WEEKDAYS)})")
        begin, end = map(WEEKDAYS.index, ends)
        if begin > end:
            raise ValueError(f"{text!r} ends before it starts; weeks start with mon here")
        days.extend(range(begin, end + 1))
    return tuple(days)


def stretches_of(text: str) -> tuple[Minutes, ...]:
    """The open hours in ``09:00-17:00`` or ``09:00-12:00, 13:00-17:00``, in order. Raises ValueError."""
    stretches = sorted(_stretch(part.strip(), text) for part in text.split(","))
    if any(later[0] < earlier[1] for earlier, later in pairwise(stretches)):
        raise ValueError(f"{text!r} has hours that overlap")
    return tuple(stretches)


def week_of(hours: Mapping[str, str]) -> tuple[tuple[Minutes, ...], ...]:
    """The open hours of seven days, from Monday on; () if ``hours`` is empty. Raises ValueError."""
    if not hours:
        return ()
    week: list[tuple[Minutes, ...]] = [()] * len(WEEKDAYS)
    for days, text in hours.items():
        for day in weekdays_of(days):
            if week[day]:
                raise ValueError(f"{WEEKDAYS[day]} is named twice")
            week[day] = stretches_of(text)
    return tuple(week)


def _stretch(part: str, text: str) -> Minutes:
    match = _STRETCH.fullmatch(part)
    if match:
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        begin, end = 60 * from_hour + from_minute, 60 * to_hour + to_minute
        if max(from_minute, to_minute) < 60 and begin < end <= 24 * 60:
            return begin, end
    raise ValueError(f"{text!r} is not a range of hours; write 09:00-17:00 or 09:00-12:00, 13:00-17:00, up to 24:00")


def hours_of_week(week: tuple[tuple[Minutes, ...], ...]) -> dict[str, str]:
    """The inverse of :func:`week_of`. Neighbouring days with the same hours become one entry."""
    hours: dict[str, str] = {}
    place = 0
    for stretches, group in groupby(week):
        days = WEEKDAYS[place : (place := place + len(list(group)))]
        if stretches:
            name = days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"
            hours[name] = ", ".join(map(_stretch_text, stretches))
    return hours


def _stretch_text(stretch: Minutes) -> str:
    return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in stretch)
