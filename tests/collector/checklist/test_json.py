"""OTLP's receiver checklist, part "JSON encoding": sent over the wire, judged by what reaches the sink."""

from __future__ import annotations

import json
import math

import pytest

from store.intake import Signal
from tests.collector.export import NS, in_point, in_record, in_span, items_of, send
from tests.collector.running import eventually

TRACE, SPAN = "5B8EFFF798038103D269B633813FC60C", "EEE19B7EC3C1B174"


def stored(running, sink, signal: Signal, document: dict):
    """Send ``document`` and return the one item of it that reached the sink."""
    answer = send(running, "http/json", signal, json.dumps(document).encode())
    assert (answer.ok, answer.response or {}) == (True, {})
    eventually(lambda: bool(sink.envelopes))
    (item,) = items_of(sink.envelopes[0])
    return item


def refused(running, signal: Signal, document: dict) -> bool:
    answer = send(running, "http/json", signal, json.dumps(document).encode())
    return answer.code == 400


@pytest.mark.parametrize("case", [str.upper, str.lower])
@pytest.mark.parametrize("signal", [Signal.TRACES, Signal.LOGS])
def test_ids_are_hex_in_either_case_and_not_base64(running, sink, signal, case):
    """traceId, spanId and parentSpanId are hex digits; exemplars of metrics have them, too."""
    ids = {"traceId": case(TRACE), "spanId": case(SPAN)}
    document = (
        in_span({**ids, "parentSpanId": case(SPAN)})
        if signal is Signal.TRACES
        else in_record({**ids, "timeUnixNano": NS})
    )
    if signal is Signal.TRACES:
        document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["endTimeUnixNano"] = NS
    item = stored(running, sink, signal, document)
    assert (item.trace_id, item.span_id) == (bytes.fromhex(TRACE), bytes.fromhex(SPAN))
    if signal is Signal.TRACES:
        assert item.parent_span_id == bytes.fromhex(SPAN)


def test_ids_of_exemplars_are_hex_too(running, sink):
    """An exemplar points at the span it was taken in."""
    exemplar = {"timeUnixNano": NS, "asInt": "1", "traceId": TRACE, "spanId": SPAN}
    point = stored(running, sink, Signal.METRICS, in_point({"timeUnixNano": NS, "asInt": "1", "exemplars": [exemplar]}))
    assert (point.exemplars[0].trace_id.hex(), point.exemplars[0].span_id.hex()) == (TRACE.lower(), SPAN.lower())


def test_ids_in_base64_are_refused(running):
    """Protobuf's own JSON would write them so; OTLP's does not."""
    assert refused(running, Signal.TRACES, in_span({"traceId": "W47/95gDgQPSabYzgT/GDA=="}))


def test_enums_are_integers_only(running, sink):
    """Names of enums must not be used."""
    assert stored(running, sink, Signal.TRACES, in_span({"kind": 3, "endTimeUnixNano": NS})).kind == 3
    assert refused(running, Signal.TRACES, in_span({"kind": "SPAN_KIND_CLIENT"}))
    assert refused(running, Signal.LOGS, in_record({"severityNumber": "SEVERITY_NUMBER_INFO"}))


@pytest.mark.parametrize(
    ("signal", "document", "field"),
    [
        (Signal.TRACES, in_span({"name": "right", "endTimeUnixNano": NS, "trace_state": "wrong=1"}), "trace_state"),
        (Signal.LOGS, in_record({"timeUnixNano": NS, "severity_text": "wrong"}), "severity_text"),
        (
            Signal.METRICS,
            in_point({"timeUnixNano": NS, "asInt": 1, "start_time_unix_nano": NS}),
            "start_time_unix_nano",
        ),
    ],
)
def test_keys_are_lower_camel_case_only(running, sink, signal, document, field):
    """A name in snake_case is a name nobody knows, so it is ignored."""
    assert not getattr(stored(running, sink, signal, document), field)


@pytest.mark.parametrize("signal", Signal)
def test_unknown_fields_must_be_ignored(running, sink, signal):
    """On every level: in the request, the resource, the scope, the item and its values."""
    value = {"stringValue": "kept", "newValue": 1}
    fields = {"attributes": [{"key": "k", "value": value, "new": {}}], "new": [1, {"deep": None}]}
    document = {
        Signal.TRACES: in_span({**fields, "endTimeUnixNano": NS}),
        Signal.LOGS: in_record(fields),
        Signal.METRICS: in_point({**fields, "timeUnixNano": NS, "asInt": 1}),
    }[signal]
    document["new"] = "x"
    (group,) = next(value for key, value in document.items() if key != "new")
    group["new"] = 1
    next(value for key, value in group.items() if key != "new")[0]["new"] = 1
    assert stored(running, sink, signal, document).attributes[0].value.string_value == "kept"


@pytest.mark.parametrize("write", [str, int])
def test_64_bit_integers_are_accepted_as_strings_and_as_numbers(running, sink, write):
    """Nanoseconds since 1970 do not fit a double, so senders write strings; others write numbers."""
    time = NS + 1
    value = {"key": "n", "value": {"intValue": write(-(2**63))}}
    fields = {"startTimeUnixNano": write(time), "endTimeUnixNano": write(time), "attributes": [value]}
    span = stored(running, sink, Signal.TRACES, in_span(fields))
    assert (span.start_time_unix_nano, span.attributes[0].value.int_value) == (time, -(2**63))


@pytest.mark.parametrize("write", [str, int])
def test_64_bit_integers_of_metrics_likewise(running, sink, write):
    """Counts and bucket counts are 64-bit integers, bounds and sums are numbers."""
    point = {
        "timeUnixNano": write(NS),
        "count": write(3),
        "sum": 4.5,
        "bucketCounts": [write(1), write(2)],
        "explicitBounds": [10],
    }
    document = in_point({})
    document["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0] = {
        "name": "wait",
        "histogram": {"aggregationTemporality": 2, "dataPoints": [point]},
    }
    item = stored(running, sink, Signal.METRICS, document)
    assert (item.count, list(item.bucket_counts), list(item.explicit_bounds)) == (3, [1, 2], [10.0])


def test_64_bit_integers_are_encoded_as_decimal_strings(running):
    """Ours is the count of a partial success."""
    document = in_span({"endTimeUnixNano": NS})
    document["resourceSpans"][0]["scopeSpans"][0]["spans"].append({"name": "without ids"})
    answer = send(running, "http/json", Signal.TRACES, json.dumps(document).encode())
    assert answer.response["partialSuccess"]["rejectedSpans"] == "1"


def test_bytes_values_stay_base64(running, sink):
    """Only ids are hex."""
    document = in_record({"body": {"bytesValue": "/+79"}, "timeUnixNano": NS})
    assert stored(running, sink, Signal.LOGS, document).body.bytes_value == b"\xff\xee\xfd"


def test_numbers_that_json_cannot_write_come_as_strings(running, sink):
    """Protobuf's JSON writes them so, and a gauge may well be NaN."""
    point = stored(running, sink, Signal.METRICS, in_point({"timeUnixNano": NS, "asDouble": "NaN"}))
    assert math.isnan(point.as_double)
