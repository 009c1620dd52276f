"""A request of which nothing is read is refused, with what it looks like; one that holds nothing is a success."""

from __future__ import annotations

import json

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans

from collector.check.otlp_json import to_protobuf
from collector.check.request import check
from collector.errors import Refusal
from collector.signals import SHAPES
from store.intake import Signal
from tests.collector.spans import request

OLD_JSON = {"resourceSpans": [{"resource": {}, "instrumentationLibrarySpans": [{"spans": [{"name": "a"}]}]}]}


def length_delimited(number: int, content: bytes) -> bytes:
    tag = number << 3 | 2
    return bytes([tag & 0x7F | 0x80, tag >> 7]) + bytes([len(content)]) + content


@pytest.mark.parametrize("signal", list(Signal))
def test_old_otlp_is_recognised_in_protobuf(signal):
    old = length_delimited(1000, ScopeSpans().SerializeToString() + b"\x12\x00")
    body = b"\x0a" + bytes([len(old)]) + old
    with pytest.raises(Refusal, match=r"holds no .*unknown fields: number 1000\..*before version 0\.16"):
        check(body, signal)


@pytest.mark.parametrize(
    ("document", "signal", "hint"),
    [
        (OLD_JSON, Signal.TRACES, "before version 0.16"),
        ({"resourceLogs": [{"instrumentationLibraryLogs": []}]}, Signal.LOGS, "before version 0.16"),
        ({"resourceMetrics": [{"scopeMetrics": []}]}, Signal.TRACES, "send it to /v1/metrics"),
        ({"resourceSpans": []}, Signal.LOGS, "send it to /v1/traces"),
        ({"resource_spans": [{"scope_spans": []}]}, Signal.TRACES, "lowerCamelCase, such as resourceSpans"),
        ({"flow": "a", "case": "b", "step": "c"}, Signal.TRACES, "send it to /v1/events"),
        ({"data": [{"traceID": "1"}]}, Signal.TRACES, "an object with resourceSpans"),
        ({"resourceSpans": [{"scopeSpans": [{"span": []}]}]}, Signal.TRACES, "resourceSpans.scopeSpans.span"),
    ],
)
def test_names_that_nobody_reads_are_named_where_nothing_else_is_there(document, signal, hint):
    with pytest.raises(Refusal) as refused:
        to_protobuf(json.dumps(document).encode(), SHAPES[signal])
    assert hint in str(refused.value)
    assert refused.value.code == "invalid_data"


@pytest.mark.parametrize("signal", list(Signal))
def test_what_holds_nothing_is_a_success(signal):
    group = {Signal.TRACES: "resourceSpans", Signal.LOGS: "resourceLogs", Signal.METRICS: "resourceMetrics"}[signal]
    for document in ({}, {group: []}, {group: [{"resource": {"attributes": []}}]}, {"unknown": None}):
        assert check(to_protobuf(json.dumps(document).encode(), SHAPES[signal]).body, signal).items == 0
    assert check(b"", signal).items == 0


def test_unknown_fields_beside_items_are_ignored_and_counted():
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "a", "newer": 1}], "newest": {}}]}]}
    converted = to_protobuf(json.dumps(document).encode(), SHAPES[Signal.TRACES])
    assert converted.unread == 2
    assert check(request(2) + length_delimited(999, b"new")).items == 2


def test_another_signal_is_recognised():
    logs = ResourceLogs()
    logs.scope_logs.add().log_records.add(time_unix_nano=1_760_000_000_000_000_000)
    body = b"\x0a" + bytes([logs.ByteSize()]) + logs.SerializeToString()
    with pytest.raises(Refusal, match="send it to /v1/logs"):
        check(body, Signal.TRACES)
    assert ResourceSpans().ByteSize() == 0
