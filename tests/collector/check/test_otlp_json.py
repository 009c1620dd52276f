from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.check.otlp_json import to_protobuf
from collector.errors import Refusal
from collector.signals import SHAPES
from store.intake import Signal

TRACE = "5B8EFFF798038103D269B633813FC60C"
SPAN = "eee19b7ec3c1b174"


def convert(span: dict) -> ExportTraceServiceRequest:
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    return ExportTraceServiceRequest.FromString(to_protobuf(json.dumps(document).encode(), SHAPES[Signal.TRACES]).body)


def only_span(span: dict):
    return convert({"traceId": TRACE, "spanId": SPAN, **span}).resource_spans[0].scope_spans[0].spans[0]


def attribute(value: dict):
    return only_span({"attributes": [{"key": "k", "value": value}]}).attributes[0].value


def test_ids_are_hex_in_any_case_also_in_links():
    span = only_span({"parentSpanId": SPAN.upper(), "links": [{"traceId": TRACE.lower(), "spanId": SPAN}]})
    assert span.trace_id == span.links[0].trace_id == bytes.fromhex(TRACE)
    assert span.span_id == span.parent_span_id == span.links[0].span_id == bytes.fromhex(SPAN)


def test_whole_numbers_come_as_numbers_or_strings():
    span = only_span({"startTimeUnixNano": "1544712660000000000", "endTimeUnixNano": 1544712661000000000, "flags": 1})
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (1544712660000000000, 1544712661000000000)
    assert attribute({"intValue": "-9223372036854775808"}).int_value == -(2**63)


def test_every_kind_of_value_is_kept_apart_from_absent():
    assert attribute({"stringValue": ""}).WhichOneof("value") == "string_value"
    assert attribute({"intValue": 0}).WhichOneof("value") == "int_value"
    assert attribute({"boolValue": False}).WhichOneof("value") == "bool_value"
    assert attribute({"doubleValue": 0}).WhichOneof("value") == "double_value"
    assert attribute({"arrayValue": {}}).WhichOneof("value") == "array_value"
    assert attribute({"stringValue": None, "intValue": 3}).int_value == 3
    assert attribute({}).WhichOneof("value") is None
    assert math.isnan(attribute({"doubleValue": "NaN"}).double_value)
    assert attribute({"bytesValue": "aGk_"}).bytes_value == attribute({"bytesValue": "aGk/"}).bytes_value == b"hi?"


def test_unknown_and_snake_case_names_are_ignored():
    span = only_span({"name": "pack", "start_time_unix_nano": "5", "newThing": {"a": [1]}})
    assert (span.name, span.start_time_unix_nano) == ("pack", 0)


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ({"traceId": "xyz"}, "spans: traceId: expected an id in hex"),
        ({"kind": "SPAN_KIND_SERVER"}, "kind: expected an integer, not a string"),
        ({"startTimeUnixNano": -1}, "out of range"),
        ({"startTimeUnixNano": "1_0"}, "expected an integer"),
        ({"startTimeUnixNano": True}, "expected an integer"),
        ({"name": 5}, "expected a string, not a number"),
        ({"attributes": {"k": "v"}}, "attributes: expected an array, not an object"),
        ({"attributes": [{"key": "k", "value": "v"}]}, "value: expected an object, not a string"),
        ({"attributes": [{"key": "k", "value": {"intValue": 1, "boolValue": True}}]}, "only one may be set"),
        ({"attributes": [{"key": "k", "value": {"bytesValue": "!"}}]}, "expected base64"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(span, message):
    with pytest.raises(Refusal, match=message) as refused:
        convert(span)
    assert refused.value.code == "invalid_data"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff", b'{"a":' * 5000])
def test_what_is_no_json_object_is_refused(body):
    with pytest.raises(Refusal):
        to_protobuf(body, SHAPES[Signal.TRACES])


def test_nesting_ends_before_protobuf_itself_gives_up():
    value: dict = {"stringValue": "deep"}
    for _ in range(60):
        value = {"arrayValue": {"values": [value]}}
    with pytest.raises(Refusal, match="nested too deep"):
        attribute(value)


VALUES = st.recursive(
    st.one_of(
        st.builds(lambda text: {"stringValue": text}, st.text(max_size=10)),
        st.builds(lambda number: {"intValue": number}, st.integers(-(2**63), 2**63 - 1)),
        st.builds(lambda number: {"doubleValue": number}, st.floats(allow_nan=False, allow_infinity=False)),
        st.builds(lambda flag: {"boolValue": flag}, st.booleans()),
    ),
    lambda inner: st.builds(lambda values: {"arrayValue": {"values": values}}, st.lists(inner, max_size=3)),
    max_leaves=8,
)


def plain(value):
    """The JSON of a protobuf AnyValue, written the other way round."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return {"arrayValue": {"values": [plain(element) for element in value.array_value.values]}}
    names = {"string_value": "stringValue", "int_value": "intValue", "double_value": "doubleValue"}
    return {names.get(kind, "boolValue"): getattr(value, kind)}


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_any_value_survives_the_way_there_and_back(value):
    assert plain(attribute(value)) == value


@pytest.mark.parametrize(
    ("name", "read", "times"),
    [
        (b"caf\xc3", "caf\ufffd", 1),
        (b"caf\\ud83d", "caf\ufffd", 1),
        (b"\\ude00\\ud83d\\ude00", "\ufffd\U0001f600", 1),
        (b"\xff\\uDE00x", "\ufffd\ufffdx", 2),
        ("caf\ufffd".encode(), "caf\ufffd", 0),
        (b"\\ud83d\\ude00", "\U0001f600", 0),
    ],
)
def test_what_cannot_be_read_in_a_text_is_replaced_and_counted(name, read, times):
    body = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"%b"},{"name":"good"}]}]}]}' % name
    converted = to_protobuf(body, SHAPES[Signal.TRACES])
    spans = ExportTraceServiceRequest.FromString(converted.body).resource_spans[0].scope_spans[0].spans
    assert ([span.name for span in spans], converted.repaired) == ([read, "good"], times)


def test_half_characters_let_nothing_else_through():
    for body in (b'{"a": NaN, "b": "\\ud83d"}', b'["\\ud83d"' * 100_000, b'{"b": "\\ud83d"'):
        with pytest.raises(Refusal, match="in JSON"):
            to_protobuf(body, SHAPES[Signal.TRACES])
