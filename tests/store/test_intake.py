"""The intake: what ClickHouse decodes is what OpenTelemetry's own library reads, whatever the values."""

import base64
import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from store.errors import StoreError
from store.intake import Envelope, insert_envelopes

NS = 10**9
numbers = count(1)
KINDS = ("Unspecified", "Internal", "Server", "Client", "Producer", "Consumer")


def request(*spans, system="wms", **resource):
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add()
    for key, value in {"service.name": system, **resource}.items():
        group.resource.attributes.add(key=key).value.string_value = value
    scope = group.scope_spans.add()
    scope.scope.name, scope.scope.version = "lib", "1.2"
    scope.spans.extend(spans)
    return message.SerializeToString()


def span(number=1, attributes=(), **fields):
    return Span(
        trace_id=number.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        start_time_unix_nano=fields.pop("start", 1_790_000_000 * NS),
        end_time_unix_nano=fields.pop("end", 1_790_000_001 * NS),
        attributes=[KeyValue(key=key, value=value) for key, value in attributes],
        **fields,
    )


def stored(store, *spans, batch="t", tenant="default"):
    insert_envelopes(store, [Envelope(tenant, 1_790_000_002 * NS, request(*spans))], batch)
    return store.rows("SELECT * FROM otel_traces ORDER BY SpanId")


def text_of(value):
    """An attribute's value as the OpenTelemetry Collector's exporter writes it; lists as JSON."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [json_of(element) for element in value.array_value.values]
    if kind == "kvlist_value":
        return {member.key: json_of(member.value) for member in value.kvlist_value.values}
    words = {
        "string_value": lambda: value.string_value,
        "bool_value": lambda: "true" if value.bool_value else "false",
        "int_value": lambda: str(value.int_value),
        "double_value": lambda: value.double_value,
        "bytes_value": lambda: base64.b64encode(value.bytes_value).decode(),
    }
    return words.get(kind, str)()


def json_of(value):
    kind = value.WhichOneof("value")
    if kind in ("array_value", "kvlist_value", "bytes_value"):
        return base64.b64encode(value.SerializeToString()).decode()
    number = getattr(value, kind) if kind else None
    return int(number) if isinstance(number, float) and number.is_integer() else number


any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.one_of(
    st.builds(AnyValue, string_value=any_text),
    st.builds(AnyValue, string_value=st.sampled_from([127, 128, 16383, 16384]).map(lambda n: "x" * n)),
    st.builds(AnyValue, bool_value=st.booleans()),
    st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1)),
    st.builds(AnyValue, double_value=st.floats(-1e15, 1e15)),
    st.just(AnyValue()),
)
elements = st.one_of(scalars, st.builds(AnyValue, bytes_value=st.binary(max_size=5)))
nested = st.builds(lambda values: AnyValue(array_value=ArrayValue(values=values)), st.lists(elements, max_size=3))
values = st.one_of(
    elements,
    nested,
    st.builds(lambda items: AnyValue(array_value=ArrayValue(values=items)), st.lists(nested, max_size=2)),
    st.builds(
        lambda items: AnyValue(
            kvlist_value=KeyValueList(values=[KeyValue(key=key, value=value) for key, value in items.items()])
        ),
        st.dictionaries(any_text, elements, max_size=3),
    ),
)


# Shrinking goes through the store each time and would take minutes.
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(many=st.lists(st.dictionaries(st.text("abc.", min_size=1, max_size=6), values, max_size=6), max_size=20))
def test_every_value_is_decoded_as_the_protobuf_library_reads_it(store, many):
    first = next(numbers)
    spans = [span(first * 1000 + number, attributes.items()) for number, attributes in enumerate(many)]
    stored(store, *spans, batch=str(first))
    sql = "SELECT SpanAttributes FROM otel_traces WHERE Batch = {batch:String} ORDER BY SpanId"
    rows = store.rows(sql, batch=str(first))
    assert [read(row["SpanAttributes"], attributes) for row, attributes in zip(rows, many, strict=True)] == [
        {key: text_of(value) for key, value in attributes.items()} for attributes in many
    ]


def read(decoded, attributes):
    """What was decoded, lists and doubles opened again: a double may be written as 5e16 or 50000000000000000."""
    kinds = {key: value.WhichOneof("value") for key, value in attributes.items()}
    return {key: _read(text, kinds.get(key)) for key, text in decoded.items()}


def _read(text, kind):
    if kind == "double_value":
        return float(text)
    if kind in ("array_value", "kvlist_value"):
        return json.loads(text)
    return text


def test_a_span_fills_the_exporters_columns(store):
    moment = datetime.fromtimestamp(1_790_000_000, UTC)
    full = span(
        1,
        [("n", AnyValue(int_value=0))],
        parent_span_id=(7).to_bytes(8, "big"),
        trace_state="k=v",
        name="pack",
        kind=3,
        status=Status(code=2, message="no paper"),
        events=[Span.Event(time_unix_nano=1_790_000_000 * NS + 5, name="retry")],
        links=[Span.Link(trace_id=b"\xab" * 16, span_id=b"\xcd" * 8)],
    )
    [row] = stored(store, full)
    assert row["Timestamp"] == moment
    assert (row["TraceId"], row["SpanId"], row["ParentSpanId"]) == ("0" * 31 + "1", "0" * 15 + "1", "0" * 15 + "7")
    assert (row["SpanName"], row["SpanKind"], row["ServiceName"], row["TraceState"]) == ("pack", "Client", "wms", "k=v")
    assert (row["ScopeName"], row["ScopeVersion"], row["Duration"]) == ("lib", "1.2", NS)
    assert (row["StatusCode"], row["StatusMessage"]) == ("Error", "no paper")
    assert (row["Events.Name"], row["Links.TraceId"], row["Links.SpanId"]) == (["retry"], ["ab" * 16], ["cd" * 8])
    assert row["ResourceAttributes"] == {"service.name": "wms"}
    assert row["SpanAttributes"] == {"n": "0"}


@pytest.mark.parametrize(("number", "kind"), list(enumerate(KINDS)))
def test_kinds_have_the_exporters_words(store, number, kind):
    assert stored(store, span(kind=number))[0]["SpanKind"] == kind


def test_a_span_that_ends_before_it_starts_has_no_duration(store):
    assert stored(store, span(start=5 * NS, end=4 * NS))[0]["Duration"] == 0


def test_a_time_beyond_what_the_column_holds_is_held_at_its_end(store):
    [row] = store.rows("SELECT 1") and stored(store, span(start=2**64 - 1, end=2**64 - 1))
    assert row["Timestamp"] > datetime(2262, 1, 1, tzinfo=UTC) - timedelta(days=1)


def test_a_token_counts_once_in_every_table(store):
    step = span(1, [("flow.step", AnyValue(string_value="pack")), ("flow.case.id", AnyValue(string_value="A"))])
    for _ in range(3):
        insert_envelopes(store, [Envelope("default", 1, request(step))], "same")
    for table in ("otel_traces", "steps", "arrivals"):
        assert store.rows(f"SELECT count() AS n FROM {table}") == [{"n": 1}], table  # noqa: S608


def test_a_span_sent_twice_under_two_tokens_is_one_after_merging(store):
    twice = span(1)
    stored(store, twice, batch="a")
    stored(store, twice, batch="b")
    assert store.rows("SELECT count() AS n FROM otel_traces FINAL") == [{"n": 1}]


def test_tenants_come_from_the_envelope_alone(store):
    [row] = stored(store, span(1, [("tenant", AnyValue(string_value="thief"))]), tenant="acme")
    assert row["Tenant"] == "acme"


@pytest.mark.parametrize("broken", [b"\x0a\xff\xff\xff\xff\x0f", b"\x0a\x05hello", b"junk\x00"])
def test_what_is_no_request_is_refused_whole_as_invalid_data(store, broken):
    good = Envelope("default", 1, request(span()))
    with pytest.raises(StoreError) as caught:
        insert_envelopes(store, [good, Envelope("default", 1, broken)], "x")
    assert caught.value.code == "invalid_data"
    assert store.rows("SELECT count() AS n FROM otel_traces") == [{"n": 0}]


def test_steps_carry_money_exactly_and_ids_by_type(store):
    text = lambda value: AnyValue(string_value=value)  # noqa: E731
    attributes = {
        "flow.name": text("o2c"),
        "flow.step": text("book"),
        "flow.cost.amount": AnyValue(double_value=0.35),
        "flow.cost.currency": text("EUR"),
        "flow.attempt": AnyValue(int_value=3),
        "flow.dim.channel": text("web"),
        "flow.ref.package": AnyValue(array_value=ArrayValue(values=[text("P2"), text("P1"), text("P1"), text("")])),
        "flow.ref.tracking": text("[not json"),
    }
    stored(store, span(1, attributes.items()))
    rows = store.rows("SELECT * FROM steps ORDER BY KeyType, KeyValue")
    assert [(row["KeyType"], row["KeyValue"]) for row in rows] == [
        ("package", "P1"),
        ("package", "P2"),
        ("tracking", "[not json"),
    ]
    assert {(str(row["Cost"]), row["CostCurrency"], row["Attempt"], row["CaseId"]) for row in rows} == {
        ("0.350000", "EUR", 3, "")
    }
    assert rows[0]["Dims"] == {"channel": "web"}


@pytest.mark.parametrize("amount", ["inf", "nan", "1e300", "many"])
def test_a_number_that_is_none_stays_readable_and_out_of_the_sums(store, amount):
    attributes = {"flow.step": "s", "flow.case.id": "A", "flow.cost.amount": amount}
    stored(store, span(1, [(key, AnyValue(string_value=value)) for key, value in attributes.items()]))
    assert store.rows("SELECT Cost FROM steps") == [{"Cost": None}]
    assert store.rows("SELECT SpanAttributes['flow.cost.amount'] AS c FROM otel_traces") == [{"c": amount}]
