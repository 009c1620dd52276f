"""Windows and buckets of the wall clock, curves and percentiles: what every KPI of the truth is made of."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

SECOND = 10**9
WEEK = 7 * 86400 * SECOND


@dataclass(frozen=True)
class Span:
    """A window or bucket [since, until) and the instant as of which it is told; all in nanoseconds."""

    since: int
    until: int
    as_of: int

    @property
    def close(self):
        return min(self.until, self.as_of)

    def holds(self, instant):
        return instant is not None and self.since <= instant < self.close


def ns(moment):
    return int(moment.timestamp()) * SECOND


def buckets(first, last, tz, interval):
    """[start, end) of each day, week or month of the wall clock that meets [first, last); both dates in ``tz``."""
    zone = ZoneInfo(tz)
    starts = [first, *_starts(first, last, interval), last]
    edges = [ns(datetime.combine(day, time(), zone)) for day in dict.fromkeys(starts)]
    return list(pairwise(edges))


def _starts(first, last, interval):
    day = first + timedelta(days=1)
    while day < last:
        if interval == "day" or (interval == "week" and day.weekday() == 0) or (interval == "month" and day.day == 1):
            yield day
        day += timedelta(days=1)


def km(times, quantile):
    """The smallest time at which the Kaplan-Meier curve is at or below ``quantile``; ``times``: (time, if it ended)."""
    alive, surviving = len(times), Fraction(1)
    ends = defaultdict(lambda: [0, 0])
    for length, over in times:
        ends[length][not over] += 1
    for length in sorted(ends):
        over, censored = ends[length]
        surviving *= 1 - Fraction(over, alive)
        if over and surviving <= quantile:
            return length
        alive -= over + censored
    return None


def curve(times, names):
    """Seconds at each quantile, or how long was looked."""
    values, bounds = {}, {}
    for name, quantile in names.items():
        found = km(times, quantile)
        values[name] = None if found is None else found / SECOND
        if found is None and times:
            bounds[name] = max(length for length, _ in times) / SECOND
    return values, bounds


def rank(lengths, quantile):
    """The value at rank ⌊q·n⌋ + 1."""
    ordered = sorted(lengths)
    return ordered[min(int(quantile * len(ordered)), len(ordered) - 1)] / SECOND if ordered else None


def weeks(first, until, tz):
    """Whole ISO weeks from the one of ``first`` on that are over at ``until``."""
    day = datetime.fromtimestamp(first // SECOND, ZoneInfo(tz)).date()
    day -= timedelta(days=day.weekday())
    while ns(datetime.combine(day + timedelta(weeks=1), time(), ZoneInfo(tz))) <= until:
        yield tuple(ns(datetime.combine(day + timedelta(weeks=more), time(), ZoneInfo(tz))) for more in (0, 1))
        day += timedelta(weeks=1)


def business_clock(tz, hours, first, last):
    """Instant from ``first`` to ``last`` → business nanoseconds since some earlier one.

    Business is from Monday to Friday, between two whole hours.
    """
    zone, edges, total = ZoneInfo(tz), [], 0
    # A week more before: each instant has a business day that begins before it.
    day, end_day = (datetime.fromtimestamp(instant // SECOND, zone).date() for instant in (first - WEEK, last))
    while day <= end_day:
        if day.weekday() < 5:
            start, end = (ns(datetime.combine(day, time(hour), zone)) for hour in hours)
            edges.append((start, end, total))
            total += end - start
        day += timedelta(days=1)

    def clock(instant):
        start, end, before = edges[bisect_right(edges, instant, key=lambda edge: edge[0]) - 1]
        return before + min(instant, end) - start

    return clock
