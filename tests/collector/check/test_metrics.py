from __future__ import annotations

import math

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from collector.check.request import check
from collector.check.rules import SECOND_NS, CheckRules
from collector.errors import Refusal
from collector.settings import CollectorSettings
from collector.signals import count_items
from store.intake import Signal
from tests.collector.export import NS

NOW = 1_760_000_100 * SECOND_NS
RULES = CheckRules.of(CollectorSettings())


def with_point(kind: str, name: str = "wait", **fields) -> ExportMetricsServiceRequest:
    """A good gauge point, and one point of ``kind`` with these fields."""
    message = ExportMetricsServiceRequest()
    metrics = message.resource_metrics.add().scope_metrics.add().metrics
    metrics.add(name="good").gauge.data_points.add(time_unix_nano=NS, as_double=math.nan)
    data = getattr(metrics.add(name=name), kind)
    data.data_points.add(**{"time_unix_nano": NS, **fields})
    return message


def reason_of(message: ExportMetricsServiceRequest) -> str:
    checked = check(message.SerializeToString(), Signal.METRICS, RULES, NOW)
    assert checked.items + checked.rejected_items == 2
    if checked.rejected:
        assert count_items(Signal.METRICS, checked.rejected_request) == 1
    return checked.message.removeprefix("1 data point(s): ")


BUCKETS = {"count": 3, "bucket_counts": [1, 2], "explicit_bounds": [10]}


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        ("gauge", {"as_int": 1, "name": ""}, "the metric's name is missing"),
        ("gauge", {"as_int": 1, "time_unix_nano": 0}, "time_unix_nano is missing"),
        ("gauge", {"as_int": 1, "time_unix_nano": 1_760_000_000}, "time_unix_nano is too old"),
        ("sum", {"as_int": 1, "time_unix_nano": 2**63}, "time_unix_nano is too far in the future"),
        ("sum", {"as_int": 1, "start_time_unix_nano": 5}, "start_time_unix_nano is too old"),
        ("sum", {"as_int": 1, "start_time_unix_nano": NS + 2 * SECOND_NS}, "the time is before the start"),
        ("gauge", {}, "the value is missing"),
        ("histogram", BUCKETS | {"count": 4}, "bucket_counts do not sum up to count"),
        (
            "histogram",
            BUCKETS | {"explicit_bounds": []},
            "bucket_counts must have one element more than explicit_bounds",
        ),
        (
            "histogram",
            {"count": 3, "bucket_counts": [1, 1, 1], "explicit_bounds": [5, 5]},
            "explicit_bounds do not increase",
        ),
        ("histogram", {"count": 0, "bucket_counts": [0] * 10_001}, "more than 10000 buckets"),
        (
            "exponential_histogram",
            {"count": 3, "zero_count": 1, "positive": {"bucket_counts": [1]}},
            "bucket_counts and zero_count do not sum up to count",
        ),
        ("exponential_histogram", {"negative": {"bucket_counts": [0] * 10_001}}, "more than 10000 buckets"),
        ("summary", {"quantile_values": [{"quantile": 1.5}]}, "a quantile is not between 0 and 1"),
        ("summary", {"quantile_values": [{"quantile": math.nan}]}, "a quantile is not between 0 and 1"),
    ],
)
def test_a_broken_point_is_rejected_alone(kind, fields, reason):
    assert reason_of(with_point(kind, **fields)) == reason


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("gauge", {"as_double": math.nan}),
        ("gauge", {"as_double": math.inf}),
        ("gauge", {"as_int": 0}),
        ("gauge", {"flags": 1}),  # the series has ended
        ("sum", {"as_int": 1, "start_time_unix_nano": NS}),
        ("histogram", {"count": 3, "sum": 4.5}),
        ("histogram", BUCKETS),
        ("exponential_histogram", {"count": 3, "zero_count": 1, "positive": {"bucket_counts": [1, 1]}}),
        ("summary", {"count": 2, "quantile_values": [{"quantile": 0.5, "value": 1}]}),
    ],
)
def test_a_good_point_is_kept(kind, fields):
    assert reason_of(with_point(kind, **fields)) == ""


def test_a_metric_without_points_is_nothing():
    message = ExportMetricsServiceRequest()
    message.resource_metrics.add().scope_metrics.add().metrics.add(name="empty")
    assert check(message.SerializeToString(), Signal.METRICS, RULES, NOW).items == 0


def test_a_long_description_is_counted_as_often_as_it_would_be_stored():
    message = with_point("gauge", as_int=1)
    metric = message.resource_metrics[0].scope_metrics[0].metrics[1]
    metric.description = "x" * 100_000
    for _ in range(1000):
        metric.gauge.data_points.add(time_unix_nano=NS, as_int=1)
    with pytest.raises(Refusal, match="each stored with every item") as refused:
        check(message.SerializeToString(), Signal.METRICS, RULES, NOW)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("kind", ["gauge", "sum", "histogram", "exponential_histogram", "summary"])
def test_more_points_than_allowed_are_too_large_before_they_are_decoded(kind):
    message = ExportMetricsServiceRequest()
    data = getattr(message.resource_metrics.add().scope_metrics.add().metrics.add(name="m"), kind)
    data.data_points.add()
    body = message.SerializeToString()
    with pytest.raises(Refusal, match="more than 100,000 spans, log records or data points"):
        check(body * 100_001, Signal.METRICS, RULES, NOW)
