"""Random cases, asked in SQL and computed again by hand, must agree to the last digit."""
# ruff: noqa: PLR0917 - a parametrized test takes what its table has

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cases.flows.declarations import Declaration, Routing
from cases.instants import parse_rfc3339
from cases.kpis import KpiQuery, Selector, Window, answer, answers, population, population_n
from tests.cases.kpis import reference
from tests.cases.kpis import reference_declared as declared
from tests.cases.kpis.records import DAY, HOUR, SECOND, Approval, Case, Hop, Problem, Step, at, insert

pytestmark = pytest.mark.slow

# A clock change in each: at night, at midnight (Beirut, Havana), by half an hour, by a day; the last two have none.
CHANGES = {
    "Europe/Berlin": "2026-03-29T01:00:00",
    "America/New_York": "2025-11-02T06:00:00",
    "America/Havana": "2025-11-02T05:00:00",
    "Asia/Beirut": "2025-03-29T22:00:00",
    "Australia/Lord_Howe": "2026-04-04T15:00:00",
    "Pacific/Apia": "2011-12-30T10:00:00",
    "Asia/Kolkata": "2026-01-01T00:00:00",
    "UTC": "2024-12-30T00:00:00",
}
DECLARED = Declaration(
    "random",
    "1",
    "order",
    (),
    sla_s=1,
    touchless_target=0.5,
    routing=Routing("route", ("auto",), ("manual",), ("channel",)),
)
AT_CLOSE = {"touchless-rate", "first-time-right", "rework-rate", "sla-attainment", "onboarding"}
SPLIT = {"touchless-rate", "retries", "exceptions", "duplicate-effects", "manual-to-automated"}
"""KPIs whose points always tell more than the group that was asked for."""


def _by_hand(kpi, question, cases):
    """What ``kpi`` comes to by bucket and group, computed apart from the product."""
    plain = {
        "touchless-rate": reference.touchless,
        "automated-events": declared.automated_events,
        "time-to-fulfil": reference.time_to_fulfil,
        "errors-per-1000": reference.errors,
        "retries": reference.retries,
        "first-time-right": declared.first_time_right,
        "rework-rate": declared.rework,
        "value-at-risk": declared.value_at_risk,
        "escalations": declared.escalations,
        "sla-attainment": declared.sla,
        "duplicate-effects": declared.duplicates,
    }
    if kpi == "exceptions":
        return declared.exceptions(question, cases, reference.survival_quantile)
    if kpi == "onboarding":
        return declared.onboarding(question, cases, DECLARED.touchless_target)
    if kpi == "manual-to-automated":
        return declared.manual_to_automated(question, cases, DECLARED.routing)
    return plain[kpi](question, cases)


GENERATE = (Phase.explicit, Phase.generate)
"""Making a failing world smaller would ask the store for minutes."""
_numbers = itertools.count(1)

millionths = st.sampled_from([1_000_000, 500_000, 333_334, 333_333])


@st.composite
def steps(draw):
    share, retries = draw(millionths), draw(st.integers(0, 2))
    failed = {name: draw(st.integers(0, 1)) for name in reference.CLASSES}
    return Step(
        step=draw(st.sampled_from(["pick", "pack"])),
        system=draw(st.sampled_from(["wms", "erp"])),
        kind=draw(st.sampled_from(["task", "gate"])),
        currency=draw(st.sampled_from(["", "EUR", "USD"])),
        attempts=1 + retries,
        share=share * (1 + retries),
        **failed,
        **{f"{name}_share": count * share for name, count in failed.items()},
        retries=retries,
        retry_share=share * retries,
        retry_micros=draw(st.sampled_from([0, 1, 2_500_000])) if retries else 0,
        succeeded=draw(st.booleans()),
    )


instants = st.integers(-30, 30).map(lambda n: n * 6 * HOUR) | st.sampled_from([-HOUR, -1, 0, 1, HOUR, 2 * HOUR])
lengths = st.sampled_from([0, 1, HOUR, HOUR + 1, 6 * HOUR, 2 * DAY, 9 * DAY])


@st.composite
def problems(draw, start, end):
    """Opens after the case began and is closed by a success, by the end of the case, or not."""
    opened = start + draw(lengths)
    closed = opened + draw(lengths) if draw(st.booleans()) else None
    state = "recovered" if closed is not None else "open"
    if closed is None and end is not None:
        closed, state = max(end, opened), "ended"
    return Problem(
        opened,
        closed,
        state,
        draw(st.sampled_from(["business", "infrastructure"])),
        draw(st.sampled_from(["timeout", "refused"])),
        draw(st.sampled_from(["pick", "pack"])),
        draw(st.sampled_from(["wms", "erp"])),
        draw(st.sampled_from([None, 0, 1, 2_500_000])),
        draw(st.sampled_from(["", "EUR"])),
    )


def _distinct_times(found):
    """One exception of an instant: of two, which one tells the value would be chance, as in no real case."""
    return tuple({one.opened: one for one in found}.values())


@st.composite
def approvals(draw, start):
    requested = start + draw(lengths)
    return Approval(
        requested,
        draw(st.none() | lengths.map(lambda length: requested + length)),
        draw(st.none() | lengths.map(lambda length: requested + length)),
        draw(st.sampled_from(["approve", "release"])),
        draw(st.sampled_from(["erp", "shop"])),
    )


@st.composite
def hops(draw):
    places = draw(st.sets(st.tuples(st.sampled_from(["pick", "pack"]), st.sampled_from(["wms", "erp"])), max_size=3))
    found = []
    for step, system in sorted(places):
        attempts = draw(st.integers(1, 3))
        found.append(Hop(step, system, attempts, draw(st.integers(0, attempts))))
    return tuple(found)


@st.composite
def some_cases(draw, case_id, middle):
    start = middle + draw(instants)
    end = draw(st.none() | lengths.map(lambda length: start + length))
    dims = draw(st.sampled_from([{}, {"channel": "web"}, {"channel": "shop"}]))
    route = draw(st.sampled_from(["auto", "manual", "manual", ""]))
    few = st.sampled_from([0, 0, 1, 2])
    return Case(
        case_id,
        start,
        end,
        draw(st.sampled_from(["completed", "rejected"])),
        dims | ({"route": route} if route else {}),
        draw(st.integers(0, 1)),
        draw(st.integers(0, 1)),
        tuple(draw(st.lists(steps(), max_size=3))),
        draw(few),
        draw(few),
        draw(few),
        draw(st.none() | lengths.map(lambda length: start + length)),
        draw(few),
        draw(few),
        draw(few),
        draw(few),
        _distinct_times(draw(st.lists(problems(start, end), max_size=2))),
        tuple(draw(st.lists(approvals(start), max_size=2))),
        tuple(draw(st.lists(st.tuples(st.sampled_from(["pick", "send"]), st.integers(2, 4)), max_size=1))),
        draw(hops()),
    )


@st.composite
def questions(draw):
    """A zone, and a window around its clock change."""
    tz, change = draw(st.sampled_from(sorted(CHANGES.items())))
    middle = at(change)
    start = middle - draw(st.sampled_from([9 * DAY, 30 * HOUR, 0]))
    question = reference.Question(
        start=start,
        end=start + draw(st.sampled_from([12 * DAY, 50 * HOUR, 1])),
        tz=tz,
        # Lord Howe's half hour makes one hour of 90 minutes; by hand it would be two.
        interval=draw(st.sampled_from(["day", "week", "month", "none"] + ["hour"] * (tz != "Australia/Lord_Howe"))),
        as_of=middle + draw(st.sampled_from([30 * DAY, 3 * DAY, HOUR, 0])),
        group_by=draw(st.sampled_from([None, "channel", "outcome", "step", "class"])),
    )
    buckets = _query(question).window.buckets
    return replace(question, edges=tuple((bucket.start, bucket.end) for bucket in buckets))


@st.composite
def worlds(draw):
    """A question, and cases near its clock change with many ties."""
    question = draw(questions())
    middle = at(CHANGES[question.tz])
    return question, [draw(some_cases(f"c{number}", middle)) for number in range(draw(st.integers(0, 12)))]


@settings(max_examples=7, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=GENERATE)
@given(worlds())
def test_every_kpi_equals_the_one_computed_by_hand(kpi_store, world):
    question, cases = world
    flow = f"random-{next(_numbers)}"
    insert(kpi_store, flow, *[replace(case, end=None, touches=9, dims={}, problems=()) for case in cases], version=1)
    insert(kpi_store, flow, *cases, version=2)
    query = _query(question)
    for found in answers(kpi_store, "default", flow, query, DECLARED):
        kpi = found.definition.kpi
        fits = found.definition.fits(query.group_by)
        asked = question if fits else replace(question, group_by=None)
        expected = _by_hand(kpi, asked, cases)
        for point in [*found.totals, *found.points]:
            _check(asked, cases, kpi, point, expected.pop(_cell(asked, point), None))
        left = {cell for cell in expected if not _is_left_out(kpi, asked, cell)}
        assert left == set(), f"{kpi} does not answer {left}"


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=GENERATE)
@given(worlds())
def test_the_address_of_a_point_leads_to_exactly_its_cases(kpi_store, world):
    question, cases = world
    flow = f"random-{next(_numbers)}"
    insert(kpi_store, flow, *cases)
    for found in answers(kpi_store, "default", flow, _query(question), DECLARED):
        some = [point for point in (*found.points, *found.totals[1:]) if point.n]
        for point in [found.totals[0], *some[:1], *some[-1:]]:
            _check_population(kpi_store, flow, found, point)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(questions())
def test_buckets_cover_the_window_without_gap_or_overlap_and_agree_with_local_dates(question):
    buckets = _query(question).window.buckets
    if question.interval == "none":
        assert buckets == ()
        return
    assert [buckets[0].start, buckets[-1].end] == [question.start, question.end]
    for one, other in itertools.pairwise(buckets):
        assert one.end == other.start
        assert question.bucket(one.end - 1) != question.bucket(other.start)
    for bucket in buckets:
        assert bucket.start < bucket.end
        assert question.bucket(bucket.start) == question.bucket(bucket.end - 1)


def _query(question):
    window = Window(question.start, question.end, question.tz, question.interval)
    return KpiQuery(window, question.as_of, question.group_by)


def _cell(question, point):
    return (question.bucket(point.bucket.start) if point.bucket else "total"), point.group


def _is_left_out(kpi, question, cell):
    """Of all buckets and groups: what is no point. Totals over all groups are; buckets over all groups are not."""
    bucket, group = cell
    if kpi == "onboarding":
        return bucket != "total"
    if question.interval == "none" and bucket is None:
        return True
    # A bucket has points of whole groups only, totals also of the part of a group that was asked for.
    grouped = kpi in SPLIT or question.group_by is not None
    short = kpi == "exceptions" and not any(name in {"class", "step"} for name, _ in group)
    return bucket != "total" and grouped and (group == () or short)


def _check(question, cases, kpi, point, expected):
    if kpi in AT_CLOSE:
        closes = point.bucket.end if point.bucket else question.end
        group = point.group if question.group_by == "channel" else ()
        assert point.in_flight_n == len(reference.open_when_it_closes(question, cases, closes, group))
    if expected is None:
        assert point.n == 0
        assert all(value in {None, 0, "0.00", 0.5} for value in point.values.values()), point.values
        return
    seen = {"n": point.n, "unknown_actor_n": point.unknown_actor_n, "bounds": point.bounds, "values": _exact(point)}
    if kpi not in AT_CLOSE:
        seen["in_flight_n"] = point.in_flight_n
    else:
        expected.pop("in_flight_n", None)
    assert seen == expected, (kpi, point.bucket, point.group)


def _exact(point):
    """Values as the references have them: money as a fraction, instants in nanoseconds."""
    found = dict(point.values)
    for name, value in point.values.items():
        if name.rsplit("_", 1)[-1] in {"EUR", "USD", "XXX"}:
            found[name] = Fraction(value)
        if name == "first_event" and value is not None:
            found[name] = parse_rfc3339(value, name)
    return found


def _check_population(store, flow, found, point):
    """The address of a point leads to exactly as many cases as the point says, band by band."""
    raw = dict(parse_qsl(urlsplit(point.cases_url).query))
    sizes = {None: point.n, "in_flight": point.in_flight_n}
    for measure in found.measures:
        if measure.unit == "cases" and point.values[measure.id] is not None:
            sizes[measure.band] = point.values[measure.id]
    for band, size in sizes.items():
        selector = Selector.parse({**raw, "band": band}, 0, DECLARED)
        listed = population(store, "default", flow, selector, 1000, None).cases
        assert len(listed) == size, (found.definition.kpi, band, raw)
        assert population_n(store, "default", flow, selector) == size, (found.definition.kpi, band, raw)


@pytest.mark.parametrize(
    ("ended", "open_for", "median", "p90"),
    [
        # Nothing in flight: S is exactly 1/2 at the second of four ends.
        ([1, 2, 3, 4], [], 2, 4),
        # A case leaves sight at the moment of an end: it was at risk then, so S is 4/5, 3/5, 2/5, 0.
        ([1, 2, 3, 4], [3], 3, 4),
        # 3/4 by two ends of eight; three leave; one end of three: 3/4 of 2/3 is exactly 1/2, in no floating point.
        ([1, 1, 2, 3, 4], [1, 1, 1], 2, 4),
        # Seven of ten are still in flight: S stops at 7/10.
        ([1, 2, 3], [9] * 7, None, None),
        # The last is in flight: S stops at 1/5 and never gets to 1/10.
        ([1, 2, 3, 4], [9], 3, None),
    ],
)
def test_ties_exact_halves_and_unreached_quantiles_follow_the_definition(kpi_store, flow, ended, open_for, median, p90):
    as_of = at("2026-02-01")
    cases = [Case(f"e{n}", as_of - DAY, as_of - DAY + hours * HOUR) for n, hours in enumerate(ended)]
    cases += [Case(f"f{n}", as_of - hours * HOUR) for n, hours in enumerate(open_for)]
    insert(kpi_store, flow, *cases)
    query = KpiQuery(Window(as_of - 7 * DAY, as_of, "UTC", "none"), as_of)
    point = answer(kpi_store, "default", flow, "time-to-fulfil", query).totals[0]
    expected = {"km_median_s": median, "km_p90_s": p90}
    assert {name: point.values[name] and point.values[name] / 3600 for name in expected} == expected
    assert point.bounds == {name: max(open_for) * 3600 for name, hours in expected.items() if hours is None}


def test_a_local_day_that_never_was_has_no_bucket():
    window = Window(at("2011-12-29T10:00:00"), at("2012-01-01T10:00:00"), "Pacific/Apia", "day")
    days = [datetime.fromisoformat(bucket.label).date() for bucket in window.buckets]
    assert days == [date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]
    assert all(
        bucket.end - bucket.start == timedelta(days=1) // timedelta(seconds=1) * SECOND for bucket in window.buckets
    )
