"""Measures as systems send them: OTLP metrics, through the intake."""

import itertools
import time
from fractions import Fraction

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from cases.errors import InvalidQuery, NotFound
from cases.kpis import Window
from cases.measures import NO_FLOW, MeasureQuery, answer, find, measures
from cases.measures.value import exact, rounded
from store.intake import Envelope, Signal, insert_envelopes
from tests.cases.kpis.records import at
from tests.cases.measures.reports import DAY, HOUR, SECOND

_tokens = itertools.count(1)
TENANT = "default"
MONDAY = at("2026-03-02")


class Metrics:
    """Collects metrics and sends them as one OTLP request."""

    def __init__(self):
        self.request = ExportMetricsServiceRequest()
        resource = self.request.resource_metrics.add()
        resource.resource.attributes.add(key="service.name").value.string_value = "wms"
        self.scope = resource.scope_metrics.add()

    def gauge(self, name, *points, unit="1"):
        metric = self.scope.metrics.add(name=f"flow.kpi.{name}", unit=unit)
        self._add(metric.gauge.data_points, points)
        return self

    def sum(self, name, *points, delta=False, monotonic=True, unit="1"):
        metric = self.scope.metrics.add(name=f"flow.kpi.{name}", unit=unit)
        metric.sum.aggregation_temporality = 1 if delta else 2
        metric.sum.is_monotonic = monotonic
        self._add(metric.sum.data_points, points)
        return self

    def _add(self, to, points):
        for when, value, attributes, *start in points:
            point = to.add(time_unix_nano=when, start_time_unix_nano=start[0] if start else 0)
            if isinstance(value, int):
                point.as_int = value
            else:
                point.as_double = value
            for key, text in attributes.items():
                point.attributes.add(key=key).value.string_value = text

    def send(self, store, tenant=TENANT):
        envelope = Envelope(tenant, time.time_ns(), self.request.SerializeToString(), Signal.METRICS)
        insert_envelopes(store, [envelope], f"metrics-{next(_tokens)}")


def week_of(store, flow, name, **query):
    measure = find(measures(store, TENANT, flow), name)
    window = Window(MONDAY, MONDAY + 7 * DAY, "UTC", "day")
    found = answer(store, TENANT, flow, measure, MeasureQuery(window, MONDAY + 30 * DAY, **query))
    return [point.value for point in found.points], found.totals[0].value


def test_every_kind_of_metric_becomes_the_kind_of_measure_it_is(kpi_store, flow):
    own = {"flow.name": flow, "flow.dim.channel": "web"}
    metrics = Metrics().gauge("rate", (MONDAY, 0.5, own), unit="%")
    metrics.sum("made", (MONDAY + HOUR, 5, own, MONDAY)).sum("open", (MONDAY, 7, own), monotonic=False)
    metrics.sum("cost", (MONDAY, 1.25, own), delta=True, unit="EUR").send(kpi_store)
    found = {one.measure: (one.kind, one.unit, one.dims, one.last_value) for one in measures(kpi_store, TENANT, flow)}
    assert found == {
        "rate": ("gauge", "%", ("channel",), 0.5),
        "made": ("counter", "1", ("channel",), 5),
        "open": ("level", "1", ("channel",), 7),
        "cost": ("delta", "EUR", ("channel",), 1.25),
    }


def test_a_counter_that_is_restarted_and_reported_twice_and_late_counts_everything_once(kpi_store, flow):
    own, again = {"flow.name": flow}, MONDAY + 2 * DAY
    first = [(MONDAY + hours * HOUR, value, own, MONDAY) for hours, value in ((1, 3), (2, 10), (26, 15))]
    Metrics().sum("made", *first[::2]).send(kpi_store)
    Metrics().sum("made", (again + HOUR, 4, own, again), *first).send(kpi_store)
    Metrics().sum("made", *first).send(kpi_store)
    assert week_of(kpi_store, flow, "made") == ([10, 5, 4, None, None, None, None], 19)


def test_a_report_at_midnight_belongs_to_the_day_it_is_about(kpi_store, flow):
    own = {"flow.name": flow}
    Metrics().sum("sold", (MONDAY + DAY, 5, own, MONDAY), (MONDAY + 2 * DAY, 6, own), delta=True).send(kpi_store)
    assert week_of(kpi_store, flow, "sold")[0][:3] == [5, None, 6]


def test_a_gauge_of_several_series_is_averaged_and_a_level_added_up(kpi_store, flow):
    halls = [{"flow.name": flow, "flow.dim.hall": hall} for hall in ("north", "south")]
    points = [(MONDAY + SECOND, 10, halls[0]), (MONDAY + HOUR, 30, halls[0]), (MONDAY + SECOND, 5, halls[1])]
    Metrics().gauge("warmth", *points).sum("stock", *points, monotonic=False).send(kpi_store)
    assert week_of(kpi_store, flow, "warmth")[1] == 17.5
    assert week_of(kpi_store, flow, "warmth", agg="avg")[1] == 15
    assert week_of(kpi_store, flow, "stock")[1] == 35


def test_measures_without_a_flow_stand_under_a_dash(kpi_store):
    name = f"of_nobody_{next(_tokens)}"
    Metrics().gauge(name, (MONDAY, 1, {})).send(kpi_store)
    assert name in [one.measure for one in measures(kpi_store, TENANT, NO_FLOW)]
    assert week_of(kpi_store, NO_FLOW, name)[1] == 1


def test_another_tenants_measures_are_not_seen(kpi_store, flow):
    Metrics().gauge("rate", (MONDAY, 1, {"flow.name": flow})).send(kpi_store, "somebody else")
    with pytest.raises(NotFound, match="There is no flow"):
        measures(kpi_store, TENANT, flow)


def test_values_of_the_instant_of_asking_and_later_are_left_out(kpi_store, flow):
    own = {"flow.name": flow}
    Metrics().gauge("rate", (MONDAY, 1, own), (MONDAY + HOUR, 2, own)).send(kpi_store)
    measure = find(measures(kpi_store, TENANT, flow), "rate")
    query = MeasureQuery(Window(MONDAY, MONDAY + DAY, "UTC", "day"), MONDAY + HOUR)
    assert answer(kpi_store, TENANT, flow, measure, query).totals[0].value == 1


def test_too_many_groups_are_refused(kpi_store, flow):
    points = [(MONDAY + n, 1, {"flow.name": flow, "flow.dim.customer": f"{n}"}) for n in range(501)]
    Metrics().gauge("rate", *points).send(kpi_store)
    with pytest.raises(InvalidQuery, match="501 groups"):
        week_of(kpi_store, flow, "rate", group_by="customer")


@pytest.mark.parametrize(
    ("value", "told"),
    [("7", 7), ("0.1", 0.1), ("-2.50", -2.5), *[(one, one) for one in ("9007199254740993", "0.123456789012345678901")]],
)
def test_a_value_is_told_exactly(value, told):
    assert exact(Fraction(value)) == told
    assert rounded(Fraction(1, 3)) == 1 / 3
