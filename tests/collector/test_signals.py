from __future__ import annotations

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from collector.signals import SHAPES, count_items, items, select, split_request
from store.intake import Signal
from tests.collector import export


@pytest.mark.parametrize("signal", Signal)
def test_a_request_is_split_down_to_single_items_and_nothing_is_lost(signal):
    body = export.request(signal, 5)
    parts = [body]
    while any(count_items(signal, part) > 1 for part in parts):
        parts = [half for part in parts for half in (split_request(signal, part) or [part])]
    assert [count_items(signal, part) for part in parts] == [1] * 5
    assert [_plain(signal, part) for part in parts] == [[item] for item in _plain(signal, body)]
    assert split_request(signal, parts[0]) is None
    assert split_request(signal, b"") is None


def test_points_of_every_kind_are_items_and_keep_their_metric():
    message = ExportMetricsServiceRequest()
    metrics = message.resource_metrics.add().scope_metrics.add().metrics
    for kind in ("gauge", "sum", "histogram", "exponential_histogram", "summary"):
        data = getattr(metrics.add(name=kind, unit="s"), kind).data_points
        data.add(time_unix_nano=1)
        data.add(time_unix_nano=2)
    metrics.add(name="without data")
    body = message.SerializeToString()
    assert count_items(Signal.METRICS, body) == 10
    keep = [index in {1, 2} for index in range(10)]
    chosen = ExportMetricsServiceRequest.FromString(select(Signal.METRICS, body, keep))
    metrics = chosen.resource_metrics[0].scope_metrics[0].metrics
    assert [(metric.name, metric.unit) for metric in metrics] == [("gauge", "s"), ("sum", "s")]
    assert [metrics[0].gauge.data_points[0].time_unix_nano, metrics[1].sum.data_points[0].time_unix_nano] == [2, 1]


def test_select_leaves_nothing_empty_and_keeps_unknown_fields():
    body = export.request(Signal.LOGS, 1) + export.request(Signal.LOGS, 1) + b"\xba\x3e\x03new"
    chosen = select(Signal.LOGS, body, [False, True])
    assert len(SHAPES[Signal.LOGS].request.FromString(chosen).resource_logs) == 1
    assert chosen.endswith(b"\xba\x3e\x03new")


def _plain(signal: Signal, body: bytes) -> list[bytes]:
    shape = SHAPES[signal]
    return [item.SerializeToString() for item in items(shape, shape.request.FromString(body))]
