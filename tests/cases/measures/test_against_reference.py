"""Random reports, asked in SQL and computed again by hand, must agree to the last digit."""

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.kpis import Window
from cases.measures import MeasureQuery, answer, find, measures
from cases.measures.kind import KINDS
from tests.cases.kpis.records import at
from tests.cases.kpis.reference import Question
from tests.cases.measures import reference
from tests.cases.measures.reports import DAY, HOUR, Report, insert

pytestmark = pytest.mark.slow

MIDDLE = at("2026-03-29T01:00:00")  # In Berlin the clock changes.
DIMS = ({}, {"channel": "web"}, {"channel": "edi", "customer": "7"}, {"channel": "web"})
_numbers = itertools.count(1)

places = st.integers(-20, 20).map(lambda n: n * 6 * HOUR) | st.sampled_from([-HOUR, -1, 0, 1, HOUR])
amounts = st.decimals(-1000, 1000, places=3) | st.sampled_from([Decimal(0), Decimal(2**60), Decimal("0.000000001")])


@st.composite
def worlds(draw, kind):
    """A window, and reports around it: late, doubled, of several starts, with many ties."""
    reports = {}
    for _ in range(draw(st.integers(1, 24))):
        series, time = draw(st.integers(0, 3)), MIDDLE + draw(places)
        start = draw(st.sampled_from([0, time, MIDDLE - 30 * DAY, MIDDLE - DAY]))
        value = abs(draw(amounts)) if kind == "counter" else draw(amounts)
        # At one time a series has one value: of two there would be no last one.
        reports.setdefault((series, time), Report(series, time, value, start, DIMS[series]))
    sent = list(reports.values())
    start = MIDDLE - draw(st.sampled_from([9 * DAY, 3 * DAY, 30 * HOUR]))
    question = Question(
        start=start,
        end=start + draw(st.sampled_from([12 * DAY, 11 * DAY + 1, 50 * HOUR])),
        tz="Europe/Berlin",
        interval=draw(st.sampled_from(["hour", "day", "week", "month", "none"])),
        as_of=MIDDLE + draw(st.sampled_from([30 * DAY, 3 * DAY, HOUR])),
        group_by=draw(st.sampled_from([None, "channel"])),
    )
    return question, draw(st.permutations([*sent, *sent[::2]]))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_every_measure_equals_the_one_computed_by_hand(kpi_store, kind, data):
    question, reports = data.draw(worlds(kind))
    flow = f"measured-{next(_numbers)}"
    middle = len(reports) // 2
    insert(kpi_store, flow, "m", kind, *reports[:middle])
    insert(kpi_store, flow, "m", kind, *reports[middle:])
    measure = find(measures(kpi_store, "default", flow), "m")
    group_by = question.group_by if question.group_by in measure.dims else None
    question = Question(**{**vars(question), "group_by": group_by})
    window = Window(question.start, question.end, question.tz, question.interval)
    for agg in measure.aggregations:
        found = answer(kpi_store, "default", flow, measure, MeasureQuery(window, question.as_of, group_by, agg))
        _check(question, found, reference.values(question, kind, agg, reports))


def _check(question, found, expected):
    for point in (*found.totals, *found.points):
        cell = (question.bucket(point.bucket.start) if point.bucket else "total"), point.group
        n, series, value = expected.pop(cell, (0, 0, None))
        assert (point.n, point.series) == (n, series)
        assert _same(point.value, value), (found.measure.kind, found.agg, cell, point.value, value)
    # Without intervals there are no buckets, and buckets are not told over all groups.
    assert all(cell[0] != "total" and (question.interval == "none" or cell[1] == ()) for cell in expected), expected


def _same(answered, computed):
    if computed is None or answered is None:
        return answered is computed
    exact = Fraction(repr(answered) if isinstance(answered, float) else answered)
    return exact == computed or (isinstance(answered, float) and answered == float(computed))
