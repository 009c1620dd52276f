"""Days, weeks and months of a local calendar, and the period before another one."""

from __future__ import annotations

from datetime import date, timedelta

from cases.kpis import zones


def first_day(day: date, interval: str, week_starts: int = 1) -> date:
    """The first day of the day, week or month in which ``day`` lies; weeks begin on the ISO weekday ``week_starts``."""
    if interval == "week":
        return day - timedelta(days=(day.isoweekday() - week_starts) % 7)
    return day.replace(day=1) if interval == "month" else day


def next_day(day: date, interval: str) -> date:
    """The first day of the next day, week or month after the one that begins with ``day``."""
    if interval == "week":
        return day + timedelta(weeks=1)
    if interval == "month":
        return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=1)


def week_start(instant: int, tz: str, week_starts: int, weeks: int = 0) -> int:
    """When the week of ``instant`` begins, or the week so many ``weeks`` later."""
    place = zones.zone(tz)
    day = first_day(zones.local(instant, place).date(), "week", week_starts) + timedelta(weeks=weeks)
    return zones.midnight(day, place)


def bucket_before(instant: int, tz: str, interval: str, week_starts: int) -> tuple[int, int]:
    """The whole hour, day, week or month before the one in which ``instant`` lies."""
    place = zones.zone(tz)
    if interval == "hour":
        # Three hours back, because an hour of the wall clock may last longer than an hour.
        hours = [hour for hour in zones.hours(instant - 3 * zones.HOUR, instant, place) if hour <= instant]
        return hours[-2], hours[-1]
    day = first_day(zones.local(instant, place).date(), interval, week_starts)
    return zones.midnight(first_day(day - timedelta(days=1), interval, week_starts), place), zones.midnight(day, place)


def before(start: int, end: int, tz: str) -> int:
    """When the period begins that is as long as ``[start, end)`` and ends with ``start``.

    Whole months are preceded by as many months, whole days by as many days, anything else by as much time.
    """
    place = zones.zone(tz)
    first, last = (zones.local(instant, place).date() for instant in (start, end))
    if (zones.midnight(first, place), zones.midnight(last, place)) != (start, end):
        return start - (end - start)
    if first.day == last.day == 1:
        months = 12 * (first.year - last.year) + first.month - last.month
        return zones.midnight(_months_later(first, months), place)
    return zones.midnight(first - (last - first), place)


def _months_later(first: date, months: int) -> date:
    year, month = divmod(12 * first.year + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
