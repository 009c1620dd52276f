"""Metrics: every point becomes a row in the exporter's table of its kind, and business measures rows of their own."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    SummaryDataPoint,
)

from store.intake import Envelope, Signal, insert_envelopes

NS = 10**9
AT = 1_790_000_000
tokens = count(1)


def moment(second):
    return datetime.fromtimestamp(second, UTC)


def attributed(point, **attributes):
    for key, value in attributes.items():
        point.attributes.add(key=key.replace("__", ".")).value.string_value = value
    return point


def number(value, at=AT, **attributes):
    kind = {"as_int": value} if isinstance(value, int) else {"as_double": value}
    point = NumberDataPoint(start_time_unix_nano=(AT - 60) * NS, time_unix_nano=at * NS, **kind)
    return attributed(point, **attributes)


def gauge(name, *points, unit="1"):
    metric = Metric(name=name, unit=unit, description="what it says")
    metric.gauge.data_points.extend(points)
    return metric


def total(name, *points, temporality=1, monotonic=True):
    metric = Metric(name=name, unit="EUR")
    metric.sum.data_points.extend(points)
    metric.sum.aggregation_temporality = temporality
    metric.sum.is_monotonic = monotonic
    return metric


def request(*metrics):
    message = ExportMetricsServiceRequest()
    group = message.resource_metrics.add(schema_url="https://example.org/resource")
    group.resource.attributes.add(key="service.name").value.string_value = "wms"
    scope = group.scope_metrics.add(schema_url="https://example.org/scope")
    scope.scope.name, scope.scope.version, scope.scope.dropped_attributes_count = "lib", "1.2", 3
    scope.metrics.extend(metrics)
    return message.SerializeToString()


def insert(store, *metrics, token=None):
    envelope = Envelope("default", (AT + 5) * NS, request(*metrics), Signal.METRICS)
    insert_envelopes(store, [envelope], token or f"metrics-{next(tokens)}")


def test_a_gauge_fills_the_exporters_columns(store):
    point = number(7, key="v")
    point.exemplars.add(
        time_unix_nano=AT * NS, as_double=1.5, span_id=b"\xab" * 8, trace_id=b"\xcd" * 16
    ).filtered_attributes.add(key="e").value.int_value = 2
    insert(store, gauge("queue.length", point, unit="{item}"))
    [row] = store.rows("SELECT * FROM otel_metrics_gauge")
    assert (row["MetricName"], row["MetricUnit"], row["MetricDescription"]) == (
        "queue.length",
        "{item}",
        "what it says",
    )
    assert (row["Value"], row["TimeUnix"], row["StartTimeUnix"]) == (7.0, moment(AT), moment(AT - 60))
    assert (row["Attributes"], row["ServiceName"], row["ScopeName"]) == ({"key": "v"}, "wms", "lib")
    assert (row["ScopeDroppedAttrCount"], row["ResourceSchemaUrl"], row["ScopeSchemaUrl"]) == (
        3,
        "https://example.org/resource",
        "https://example.org/scope",
    )
    assert (row["Exemplars.Value"], row["Exemplars.SpanId"], row["Exemplars.TraceId"]) == (
        [1.5],
        ["ab" * 8],
        ["cd" * 16],
    )
    assert (row["Exemplars.FilteredAttributes"], row["Exemplars.TimeUnix"]) == ([{"e": "2"}], [moment(AT)])
    assert store.rows("SELECT count() AS n FROM measures") == [{"n": 0}]


def test_each_kind_has_its_table(store):
    histogram = Metric(name="h")
    histogram.histogram.aggregation_temporality = 2
    histogram.histogram.data_points.append(
        HistogramDataPoint(count=3, sum=4.5, bucket_counts=[1, 2], explicit_bounds=[1.0], min=0.5, max=3.0, flags=1)
    )
    exponential = Metric(name="e")
    point = ExponentialHistogramDataPoint(count=5, sum=1.0, scale=-2, zero_count=1)
    point.positive.offset, point.negative.offset = -3, 4
    point.positive.bucket_counts.extend([1, 300])
    point.negative.bucket_counts.extend([2])
    exponential.exponential_histogram.data_points.append(point)
    summary = Metric(name="s")
    quantile = SummaryDataPoint(count=2, sum=3.0)
    quantile.quantile_values.add(quantile=0.5, value=1.25)
    summary.summary.data_points.append(quantile)
    insert(store, total("t", number(2.5), temporality=2, monotonic=False), histogram, exponential, summary)
    [row] = store.rows("SELECT * FROM otel_metrics_sum")
    assert (row["Value"], row["AggregationTemporality"], row["IsMonotonic"]) == (2.5, 2, False)
    [row] = store.rows("SELECT * FROM otel_metrics_histogram")
    assert (row["Count"], row["Sum"], row["BucketCounts"], row["ExplicitBounds"]) == (3, 4.5, [1, 2], [1.0])
    assert (row["Min"], row["Max"], row["Flags"], row["AggregationTemporality"]) == (0.5, 3.0, 1, 2)
    [row] = store.rows("SELECT * FROM otel_metrics_exponential_histogram")
    assert (row["Count"], row["Scale"], row["ZeroCount"], row["PositiveOffset"], row["NegativeOffset"]) == (
        5,
        -2,
        1,
        -3,
        4,
    )
    assert (row["PositiveBucketCounts"], row["NegativeBucketCounts"]) == ([1, 300], [2])
    [row] = store.rows("SELECT * FROM otel_metrics_summary")
    assert (row["Count"], row["ValueAtQuantiles.Quantile"], row["ValueAtQuantiles.Value"]) == (2, [0.5], [1.25])


def test_business_measures_carry_what_a_chart_needs(store):
    point = number(0.1, flow__name="o2c", flow__dim__channel="web", other="x")
    insert(store, gauge("flow.kpi.backlog", point, unit="{order}"), gauge("backlog", number(1)))
    [row] = store.rows("SELECT * FROM measures")
    assert (row["Flow"], row["Measure"], row["Unit"], row["System"]) == ("o2c", "backlog", "{order}", "wms")
    assert (row["Time"], row["StartTime"], row["Dims"]) == (moment(AT), moment(AT - 60), {"channel": "web"})
    assert (row["Value"], row["Kind"], row["Monotonic"]) == (Decimal("0.1"), "gauge", False)


def test_sums_say_how_they_add_up(store):
    ways = [(1, True), (2, True), (2, False)]
    insert(
        store,
        *(
            total(f"flow.kpi.m{place}", number(3), temporality=temporality, monotonic=monotonic)
            for place, (temporality, monotonic) in enumerate(ways)
        ),
    )
    rows = store.rows("SELECT Kind, Monotonic FROM measures ORDER BY Measure")
    assert [(row["Kind"], row["Monotonic"]) for row in rows] == [
        ("delta", True),
        ("cumulative", True),
        ("cumulative", False),
    ]


def test_measures_are_exact(store):
    exact = [2**63 - 1, -(2**63), 0, 0.1, 1e-9, 123456789.987654321, -2.5, 1e20]
    insert(store, gauge("flow.kpi.m", *(number(value, at=AT + place) for place, value in enumerate(exact))))
    rows = store.rows("SELECT Value FROM measures ORDER BY Time")
    assert [row["Value"] for row in rows] == [Decimal(repr(value)) for value in exact]


def test_what_is_no_decimal_is_in_the_exporters_table_alone(store):
    insert(store, gauge("flow.kpi.m", *map(number, (math.nan, math.inf, -math.inf, 1e300))))
    assert store.rows("SELECT count() AS n FROM measures") == [{"n": 0}]
    assert store.rows("SELECT count() AS n FROM otel_metrics_gauge") == [{"n": 4}]


def test_equal_points_count_once_and_series_stay_apart(store):
    points = [number(1, channel="web"), number(2, channel="shop"), number(3, at=AT + 1, channel="web")]
    insert(store, gauge("flow.kpi.m", *points))
    insert(store, gauge("flow.kpi.m", *points))
    rows = store.rows("SELECT Value, Series FROM measures FINAL ORDER BY Value")
    assert [int(row["Value"]) for row in rows] == [1, 2, 3]
    assert rows[0]["Series"] == rows[2]["Series"] != rows[1]["Series"]


def test_a_token_counts_once_in_every_table(store):
    for _ in range(3):
        insert(store, gauge("flow.kpi.m", number(1)), token="same")  # noqa: S106
    for table in ("otel_metrics_gauge", "measures"):
        assert store.rows(f"SELECT count() AS n FROM {table}") == [{"n": 1}], table  # noqa: S608
