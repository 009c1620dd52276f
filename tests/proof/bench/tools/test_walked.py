"""The comparison is fair: rows made by walking spans in Python are the rows that ClickHouse decodes."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from proof.bench.tools import walked
from proof.bench.tools.load import Load
from store.client import open_store
from store.intake import Envelope, insert_envelopes
from store.migrate import migrate

RECEIVED_NS = 1_790_000_000_000_000_000


def request():
    """A request of the load, and on its first span what the load has not: an event, a link, an error, other values."""
    message = ExportTraceServiceRequest.FromString(Load(50).request(0))
    span = message.resource_spans[0].scope_spans[0].spans[0]
    span.events.add(time_unix_nano=RECEIVED_NS, name="late").attributes.add(key="by").value.int_value = 3
    span.links.add(trace_id=b"t" * 16, span_id=b"s" * 8, trace_state="a=b")
    span.status.code, span.status.message = 2, "no stock"
    values = {"yes": True, "many": -(2**60), "half": 0.5, "raw": b"\x00\xff"}
    for kind, value in zip(("bool", "int", "double", "bytes"), values.values(), strict=True):
        setattr(span.attributes.add(key=f"a.{kind}").value, f"{kind}_value", value)
    span.attributes.add(key="a.list").value.array_value.values.add().string_value = "x"
    return message.SerializeToString()


def test_walked_rows_equal_decoded_ones(chdb_url):
    store = open_store(chdb_url)
    migrate(store)
    body = request()
    insert_envelopes(store, [Envelope("ours", RECEIVED_NS, body)], "batch")
    walked.insert(store, [Envelope("theirs", RECEIVED_NS, body)], "batch")
    for table, order in (("otel_traces", "SpanId"), ("steps", "SpanId, KeyType")):
        ours, theirs = (
            store.rows(f"SELECT * EXCEPT Tenant FROM {table} WHERE Tenant = {{who:String}} ORDER BY {order}", who=who)  # noqa: S608
            for who in ("ours", "theirs")
        )
        assert len(ours) >= 50
        assert ours == theirs
    store.close()
