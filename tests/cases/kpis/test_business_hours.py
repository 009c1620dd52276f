"""Business hours against a clock that is looked at minute by minute."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from cases.flows.declarations import Calendar, Declaration
from cases.kpis import KpiQuery, Window, answer, business_hours
from tests.cases.kpis import reference
from tests.cases.kpis.records import DAY, HOUR, SECOND, Case, at, insert

MINUTE = 60 * SECOND
OFFICE = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
NIGHT = ((0, 150), (22 * 60, 24 * 60))
WEEK = (OFFICE,) * 4 + (((8 * 60, 14 * 60),), (), NIGHT)
"""Office hours with a break, a short Friday, and a Sunday night in which clocks change."""
CALENDARS = {
    "Europe/Berlin": (Calendar("Europe/Berlin", 1, WEEK, (date(2026, 10, 28),)), "2026-10-25T01:00:00"),
    "America/New_York": (Calendar("America/New_York", 1, WEEK, ()), "2026-03-08T07:00:00"),
    "Australia/Lord_Howe": (Calendar("Australia/Lord_Howe", 1, WEEK, ()), "2026-04-04T15:00:00"),
    "UTC": (Calendar("UTC", 1, WEEK, (date(2026, 7, 6), date(2026, 7, 7))), "2026-07-05T00:00:00"),
}


def worked(calendar, begin, end):
    """Nanoseconds of business between two whole minutes: is it business by the wall clock, minute after minute?"""
    zone = ZoneInfo(calendar.time_zone)
    minutes = 0
    for instant in range(begin, end, MINUTE):
        local = datetime.fromtimestamp(instant // SECOND, UTC).astimezone(zone)
        if local.date() not in calendar.holidays:
            minute = 60 * local.hour + local.minute
            minutes += any(first <= minute < last for first, last in calendar.business_hours[local.weekday()])
    return minutes * MINUTE


def cases_around(change):
    """A few cases around a clock change; the last two are in flight."""
    middle = at(change)
    starts = [-30, -7, -1, 0, 1, 20, 44, 45]
    lengths = [11, 7, 3, 2, 31, 50, None, None]
    return [
        Case(f"c{number}", middle + start * HOUR, None if length is None else middle + (start + length) * HOUR + MINUTE)
        for number, (start, length) in enumerate(zip(starts, lengths, strict=True))
    ]


@pytest.mark.parametrize("name", CALENDARS)
def test_business_hours_follow_the_wall_clock_through_its_changes_and_holidays(kpi_store, flow, name):
    calendar, change = CALENDARS[name]
    cases = cases_around(change)
    insert(kpi_store, flow, *cases)
    start, as_of = at(change) - 2 * DAY, at(change) + 4 * DAY
    query = KpiQuery(Window(start, start + 7 * DAY, "UTC", "none"), as_of)
    declared = Declaration(flow, "1", "order", (), calendar=calendar)
    point = answer(kpi_store, "default", flow, "time-to-fulfil", query, declared).totals[0]
    took = [
        (worked(calendar, case.start, as_of if case.end is None else case.end), case.end is not None) for case in cases
    ]
    for measure, share in (("business_km_median_s", Fraction(1, 2)), ("business_km_p90_s", Fraction(1, 10))):
        expected, bound = reference.survival_quantile(took, share)
        assert (point.values[measure], point.bounds.get(measure)) == (expected, bound), measure
    ended = sorted(time for time, over in took if over)
    assert point.values["business_plain_median_s"] == ended[len(ended) // 2] / SECOND
    assert point.values["business_plain_p90_s"] == ended[9 * len(ended) // 10] / SECOND


@pytest.mark.parametrize("name", CALENDARS)
def test_periods_are_in_order_and_add_up(name):
    calendar, change = CALENDARS[name]
    begin = at(change) - 3 * DAY
    periods = business_hours.hours(calendar, begin, begin + 7 * DAY).periods
    assert all(one[1] <= other[0] for one, other in pairwise(periods))
    inside = sum(max(min(end, begin + 7 * DAY) - max(first, begin), 0) for first, end in periods)
    assert inside == worked(calendar, begin, begin + 7 * DAY)


def test_without_declared_hours_only_calendar_time_is_told(kpi_store, flow):
    query = KpiQuery(Window(at("2026-03-02"), at("2026-03-09"), "UTC", "none"), at("2026-03-09"))
    found = answer(kpi_store, "default", flow, "time-to-fulfil", query, Declaration(flow, "1", "order", ()))
    assert not [measure.id for measure in found.measures if measure.id.startswith("business")]
    assert found.notes == ("The flow declares no business_hours in its calendar, so only calendar time is shown.",)


def test_a_year_of_days_ends_where_the_next_begins():
    first = datetime(2026, 1, 1, tzinfo=UTC)
    all_day = Calendar("Europe/Berlin", 1, (((0, 24 * 60),),) * 7, ())
    periods = business_hours.hours(
        all_day, at(first.isoformat()), at((first + timedelta(days=365)).isoformat())
    ).periods
    assert all(one[1] == other[0] for one, other in pairwise(periods))
