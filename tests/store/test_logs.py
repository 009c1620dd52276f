"""Logs: every record becomes a row in the exporter's columns, and is found by the ids it carries."""

from datetime import UTC, datetime
from itertools import count

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from store.intake import Envelope, Signal, insert_envelopes

NS = 10**9
AT = 1_790_000_000
RECEIVED = AT + 60
tokens = count(1)


def text(value):
    return AnyValue(string_value=value)


def record(body=None, attributes=(), **fields):
    made = LogRecord(attributes=[KeyValue(key=key, value=value) for key, value in attributes], **fields)
    if body is not None:
        made.body.CopyFrom(body)
    return made


def request(*records, system="wms"):
    message = ExportLogsServiceRequest()
    group = message.resource_logs.add(schema_url="https://example.org/resource")
    group.resource.attributes.add(key="service.name").value.string_value = system
    scope = group.scope_logs.add(schema_url="https://example.org/scope")
    scope.scope.name, scope.scope.version = "lib", "1.2"
    scope.scope.attributes.add(key="team").value.string_value = "ops"
    scope.log_records.extend(records)
    return message.SerializeToString()


def insert(store, *records, token=None, tenant="default"):
    envelope = Envelope(tenant, RECEIVED * NS, request(*records), Signal.LOGS)
    insert_envelopes(store, [envelope], token or f"logs-{next(tokens)}")


def stored(store, *records):
    insert(store, *records)
    return store.rows("SELECT * FROM otel_logs ORDER BY Timestamp, Body")


def test_a_record_fills_the_exporters_columns(store):
    [row] = stored(
        store,
        record(
            text("label printer jammed"),
            [("printer", AnyValue(int_value=7))],
            time_unix_nano=AT * NS,
            severity_number=13,
            severity_text="WARN",
            flags=257,
            trace_id=b"\xab" * 16,
            span_id=b"\xcd" * 8,
            event_name="printer.jam",
        ),
    )
    assert row["Timestamp"] == datetime.fromtimestamp(AT, UTC)
    assert (row["TraceId"], row["SpanId"], row["TraceFlags"]) == ("ab" * 16, "cd" * 8, 1)
    assert (row["SeverityText"], row["SeverityNumber"], row["ServiceName"]) == ("WARN", 13, "wms")
    assert (row["Body"], row["EventName"], row["LogAttributes"]) == (
        "label printer jammed",
        "printer.jam",
        {"printer": "7"},
    )
    assert (row["ResourceSchemaUrl"], row["ScopeSchemaUrl"]) == (
        "https://example.org/resource",
        "https://example.org/scope",
    )
    assert (row["ScopeName"], row["ScopeVersion"], row["ScopeAttributes"]) == ("lib", "1.2", {"team": "ops"})
    assert row["ResourceAttributes"] == {"service.name": "wms"}


def test_a_record_without_a_time_has_the_next_best(store):
    times = [{"time_unix_nano": AT * NS, "observed_time_unix_nano": 1}, {"observed_time_unix_nano": (AT + 5) * NS}, {}]
    rows = stored(store, *(record(**fields) for fields in times))
    assert [row["Timestamp"] for row in rows] == [datetime.fromtimestamp(at, UTC) for at in (AT, AT + 5, RECEIVED)]


def test_a_body_of_any_type_becomes_text(store):
    bodies = {
        "": None,
        "a": text("a"),
        "0": AnyValue(int_value=0),
        "false": AnyValue(bool_value=False),
        "AAE=": AnyValue(bytes_value=b"\x00\x01"),
        '["a",2]': AnyValue(array_value=ArrayValue(values=[text("a"), AnyValue(int_value=2)])),
        '{"k":"v"}': AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="k", value=text("v"))])),
    }
    rows = stored(store, *(record(body, time_unix_nano=AT * NS + place) for place, body in enumerate(bodies.values())))
    assert [row["Body"] for row in rows] == list(bodies)


def test_a_record_is_found_by_each_id_it_carries(store):
    insert(
        store,
        record(
            text("both"),
            [
                ("flow.name", text("o2c")),
                ("flow.case.id", text("SO-1")),
                (
                    "flow.ref.package",
                    AnyValue(array_value=ArrayValue(values=[text("P1"), text("P2"), text("P1"), text("")])),
                ),
            ],
            time_unix_nano=AT * NS,
        ),
        record(text("a reference alone"), [("flow.ref.package", text("P3"))], trace_id=b"\x01" * 16),
        record(text("a case without a flow"), [("flow.case.id", text("SO-2"))]),
        record(text("neither"), [("other", text("SO-1"))]),
    )
    keys = {
        (row["Flow"], row["KeyType"], row["KeyValue"]): row["TraceId"] for row in store.rows("SELECT * FROM log_keys")
    }
    assert keys == {
        ("o2c", "case", "SO-1"): "",
        ("o2c", "package", "P1"): "",
        ("o2c", "package", "P2"): "",
        ("", "package", "P3"): "01" * 16,
        ("unnamed", "case", "SO-2"): "",
    }
    sql = (
        "SELECT Body FROM otel_logs WHERE (Tenant, TraceId, Timestamp) IN "
        "(SELECT Tenant, TraceId, Timestamp FROM log_keys WHERE KeyValue = 'P2')"
    )
    assert store.rows(sql) == [{"Body": "both"}]


def test_a_token_counts_once_in_every_table(store):
    for _ in range(3):
        insert(store, record(text("once"), [("flow.case.id", text("SO-1"))]), token="same")  # noqa: S106
    for table in ("otel_logs", "log_keys"):
        assert store.rows(f"SELECT count() AS n FROM {table}") == [{"n": 1}], table  # noqa: S608


def test_readers_of_older_exporters_find_their_column(store):
    insert(store, record(time_unix_nano=AT * NS + 5))
    assert store.rows("SELECT TimestampTime AS t FROM otel_logs") == [{"t": datetime.fromtimestamp(AT, UTC)}]
