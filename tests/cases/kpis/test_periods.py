"""The period before, weeks that begin on another day, and what a flow's own calendar decides."""

import pytest

from cases.errors import CasesError
from cases.flows.declarations import Calendar, Declaration, Routing
from cases.kpis import KpiQuery, answer, answers
from tests.cases.kpis.records import DAY, HOUR, Case, at, insert

NOW = at("2026-11-18T12:00:00")


def parse(calendar=None, now=NOW, **words):
    return KpiQuery.parse({name.rstrip("_"): word for name, word in words.items()}, now, calendar)


def window(query):
    return [bucket.label[:10] for bucket in query.window.buckets]


@pytest.mark.parametrize(
    ("since", "to", "tz", "before"),
    [
        ("2026-10-01", "2026-11-01", "Europe/Berlin", "2026-09-01T00:00:00+02:00"),  # a month, not 31 days
        ("2026-01-01", "2026-03-01", "UTC", "2025-11-01T00:00:00+00:00"),
        ("2026-10-26", "2026-11-02", "Europe/Berlin", "2026-10-19T00:00:00+02:00"),  # seven local days, 169 hours
        ("2026-11-10T08:00:00Z", "2026-11-10T20:00:00Z", "UTC", "2026-11-09T20:00:00+00:00"),
    ],
)
def test_the_period_before_is_of_the_same_calendar_length(since, to, tz, before):
    query = parse(from_=since, to=to, tz=tz, interval="none")
    earlier = query.window.before
    assert earlier.end == query.window.start
    assert earlier.start == at(before)


def test_the_period_before_is_seen_when_as_much_of_it_had_passed():
    query = parse(from_="2026-11-16", to="2026-11-23")
    assert query.before.as_of == at("2026-11-11T12:00:00")
    over = parse(from_="2026-11-02", to="2026-11-09")
    assert over.before.as_of == over.before.window.end + (NOW - over.window.end)


def test_totals_of_the_period_before_come_along(kpi_store, flow):
    monday = at("2026-11-16")
    insert(
        kpi_store,
        flow,
        Case("now", monday, monday + HOUR),
        Case("before", monday - 6 * DAY, monday - 6 * DAY + HOUR, touches=1),
        # Ended late in the week before: by this time of that week it was in flight.
        Case("later", monday - 6 * DAY, monday - DAY),
    )
    query = parse(from_="2026-11-16", to="2026-11-23", compare="previous")
    found = {one.definition.kpi: one for one in answers(kpi_store, "default", flow, query)}
    previous = found["touchless-rate"].previous
    assert (found["touchless-rate"].n, previous.n, previous.in_flight.n) == (1, 1, 1)
    assert previous.totals[0].values["touched_rate"] == 1
    assert found["errors-per-1000"].previous.n == 2
    assert found["touchless-rate"].to_json()["previous"]["window"]["to"] == "2026-11-16T00:00:00Z"
    assert answer(kpi_store, "default", flow, "rework-rate", query).previous.n == 1


def test_weeks_begin_as_asked_else_as_declared_else_on_monday():
    sunday = Calendar("Europe/Berlin", week_starts=7)
    assert window(parse(week="saturday"))[-2:] == ["2026-11-07", "2026-11-14"]
    assert window(parse(sunday))[-1] == "2026-11-15"
    assert parse(sunday).window.week_rule == "from Sunday"
    assert window(parse(sunday, week="iso"))[-1] == "2026-11-16"
    assert window(parse())[-1] == "2026-11-16"
    assert parse(sunday).window.tz == "Europe/Berlin"
    assert parse(sunday, tz="UTC").window.tz == "UTC"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"week": "someday"}, "Use one of: iso, monday, tuesday"),
        ({"compare": "next"}, "Use compare=previous"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused(words, complaint):
    with pytest.raises(CasesError, match=complaint):
        parse(**words)


def test_what_moved_from_manual_to_automated_is_told_by_week_and_route(kpi_store, flow):
    """Small customers went by hand last week and automatically this week; large ones always by hand."""
    declared = Declaration(flow, "1", "order", (), routing=Routing("route", ("auto",), ("manual",), ("segment",)))
    this, last = at("2026-11-16"), at("2026-11-09")

    def case(name, start, segment, route):
        return Case(name, start, dims={"segment": segment, "route": route})

    insert(
        kpi_store,
        flow,
        case("a", last, "small", "manual"),
        case("b", last + HOUR, "small", "manual"),
        case("c", last + HOUR, "small", "auto"),
        case("d", last, "large", "manual"),
        *(case(f"new-{number}", this + number * HOUR, "small", "auto") for number in range(3)),
        case("e", this, "large", "manual"),
        case("f", this, "new segment", "auto"),
    )
    query = parse(from_="2026-11-16", to="2026-11-23")
    found = answer(kpi_store, "default", flow, "manual-to-automated", query, declared)
    assert found.totals[0].values == {
        "moved_n": 3,
        "automated_n": 4,
        "manual_n": 1,
        "unrouted_n": 0,
        "automated_share": 0.8,
    }
    assert {point.group: point.n for point in found.points} == {(("route", "auto"),): 4, (("route", "manual"),): 1}
    untold = answer(kpi_store, "default", flow, "manual-to-automated", query)
    (note,) = untold.notes
    assert "declares no routing" in note
    assert set(untold.totals[0].values.values()) == {None}
