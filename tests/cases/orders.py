"""A small world of orders, sent over the wire and folded as in life; tests of search, trail and API read it."""

import hashlib
import itertools
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from cases.flows.declarations import declare, parse_declaration
from cases.fold.fold import Fold
from store.client import Store
from store.intake import Envelope, Signal, insert_envelopes

TENANT = "default"
FLOW = "order-to-cash"
START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
AS_OF = START + timedelta(days=2)
BATCH_TRACE = hashlib.md5(b"batch", usedforsecurity=False).hexdigest()
ODD_ID = 'Süß/10%\'4\\ "x"\n;--'
TRAIL_ID = "A/trail"

_tokens = itertools.count(1)


def trace_of(name):
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def span_of(name):
    return hashlib.sha256(name.encode()).hexdigest()[:16]


class Wire:
    """Collects spans and log records and sends them as OTLP requests."""

    def __init__(self):
        self.spans = []
        self.logs = []

    def span(self, system, name, minute, seconds=60, *, trace, key=None, parent="", error="", kind=1, **attributes):
        """A span that starts ``minute`` minutes after START. ``key`` names its span id (default: its name)."""
        start = int((START + timedelta(minutes=minute)).timestamp()) * 10**9
        span = Span(
            trace_id=bytes.fromhex(trace),
            span_id=bytes.fromhex(span_of(key or f"{trace}{name}")),
            parent_span_id=bytes.fromhex(span_of(parent)) if parent else b"",
            name=name,
            kind=kind,
            start_time_unix_nano=start,
            end_time_unix_nano=start + int(seconds * 10**9),
            attributes=[KeyValue(key=name, value=_value(value)) for name, value in attributes.items()],
            status=Status(code=2, message=error) if error else None,
        )
        self.spans.append((system, span))
        return self

    def step(self, system, step, minute, seconds=60, *, trace, case="", refs=None, **more):
        """A step; ``case`` empty for a system that knows only its own ids. Other words are flow.* with _ for dots."""
        plain = {word: more.pop(word) for word in ("key", "parent", "error", "kind") if word in more}
        attributes = {"flow.step": step, "flow.name": more.pop("flow", FLOW), "flow.version": "1"}
        attributes |= {"flow.case.id": case} if case else {}
        attributes |= {f"flow.ref.{kind}": value for kind, value in (refs or {}).items()}
        attributes |= {_WORDS.get(word, f"flow.{word}"): value for word, value in more.items()}
        return self.span(system, step, minute, seconds, trace=trace, **plain, **attributes)

    def log(self, system, body, minute, *, trace="", span="", severity=9, text="", event="", **attributes):
        """A log record ``minute`` minutes after START, written in the span of this key. Attributes in full."""
        record = LogRecord(
            time_unix_nano=int((START + timedelta(minutes=minute)).timestamp()) * 10**9,
            trace_id=bytes.fromhex(trace),
            span_id=bytes.fromhex(span_of(span)) if span else b"",
            severity_number=severity,
            severity_text=text,
            event_name=event,
            body=_value(body),
            attributes=[KeyValue(key=name, value=_value(value)) for name, value in attributes.items()],
        )
        self.logs.append((system, record))
        return self

    def log_request(self):
        """The log records collected, as an OTLP request."""
        request = ExportLogsServiceRequest()
        for system, record in self.logs:
            resource = request.resource_logs.add()
            resource.resource.attributes.add(key="service.name", value=AnyValue(string_value=system))
            resource.scope_logs.add().log_records.append(record)
        return request.SerializeToString()

    def request(self):
        """The spans collected, as an OTLP request."""
        request = ExportTraceServiceRequest()
        for system, span in self.spans:
            resource = request.resource_spans.add()
            resource.resource.attributes.add(key="service.name", value=AnyValue(string_value=system))
            resource.scope_spans.add().spans.append(span)
        return request.SerializeToString()

    def send(self, world):
        received = time.time_ns()
        envelopes = [Envelope(world.tenant, received, self.request())]
        if self.logs:
            envelopes.append(Envelope(world.tenant, received, self.log_request(), Signal.LOGS))
        insert_envelopes(world.store, envelopes, f"orders-{next(_tokens)}")
        Fold(world.store).fold_pending()
        self.spans, self.logs = [], []


_WORDS = {
    "step_kind": "flow.step.kind",
    "state": "flow.step.state",
    "actor": "flow.actor.id",
    "actor_type": "flow.actor.type",
    "outcome": "flow.case.outcome",
    "error_class": "flow.error.class",
    "error_type": "error.type",
    "cost": "flow.cost.amount",
    "currency": "flow.cost.currency",
    "value": "flow.value.amount",
    "value_currency": "flow.value.currency",
    "channel": "flow.dim.channel",
}


def _value(value):
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=[_value(one) for one in value]))
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    return AnyValue(string_value=value)


@dataclass(frozen=True)
class World:
    """One tenant's cases: empty but for the declared flow. Tenants see nothing of each other: tests share a store."""

    store: Store
    tenant: str

    @classmethod
    def new(cls, store: Store) -> "World":
        world = cls(store, f"tenant-{next(_tokens)}")
        declare_flow(store, world.tenant)
        return world


def alike(store: Store, wire: Wire, number: int) -> list[World]:
    """So many tenants, each with what the wire holds, folded together."""
    worlds = [World.new(store) for _ in range(number)]
    request = wire.request()
    insert_envelopes(
        store, [Envelope(world.tenant, time.time_ns(), request) for world in worlds], f"orders-{next(_tokens)}"
    )
    Fold(store).fold_pending()
    return worlds


def declare_flow(store: Store, tenant: str) -> None:
    document = {
        "flow": FLOW,
        "version": "1",
        "lead": "order",
        "paths": ["order > item > package > tracking", "order > invoice"],
        "segments": ["channel"],
    }
    declare(store, tenant, [parse_declaration(document, "test")])


def fill(store: Store) -> Store:
    """Every case the tests talk about."""
    declare_flow(store, TENANT)
    wire = Wire()
    _capture(wire, "SO-1001", 0, value=249.9, value_currency="EUR", channel="web")
    _capture(wire, "SO-1002", 5, channel="edi")
    _approve(wire)
    _pack_and_ship(wire)
    _settle(wire)
    _others(wire)
    _tell(wire)
    wire.send(World(store, TENANT))
    return store


def _capture(wire, order, minute, **more):
    trace = trace_of(order)
    service = {"actor_type": "service", "actor": "shop"}
    wire.step("shop", "capture", minute, trace=trace, case=order, action="submit", **service, **more)
    wire.step(
        "erp", "book", minute + 2, trace=trace, case=order, refs={"item": [f"{order}-1", f"{order}-2"]}, **service
    )
    wire.span("erp-db", "INSERT order", minute + 2, 1, trace=trace, key=f"{order}-db", parent=f"{trace}book", kind=3)


def _approve(wire):
    """Dana approves SO-1001 by hand; for SO-1003 she has not yet."""
    dana = {"actor_type": "human", "actor": "dana", "step_kind": "approval"}
    one, three = trace_of("SO-1001"), trace_of("SO-1003")
    wire.step(
        "erp", "approve", 10, 0, trace=one, case="SO-1001", key="started", parent="approved", state="started", **dana
    )
    wire.step("erp", "approve", 10, 600, trace=one, case="SO-1001", key="approved", action="approve", **dana)
    wire.step("shop", "capture", 30, trace=three, case="SO-1003", actor_type="service", actor="shop")
    wire.step(
        "erp", "approve", 40, 0, trace=three, case="SO-1003", key="open", parent="to come", state="started", **dana
    )


def _pack_and_ship(wire):
    """One batch trace packs items of two orders into one package; the carrier knows nothing but the package."""
    robot = {"actor_type": "service", "actor": "packer"}
    wire.span("wms", "nightly batch", 59, 900, trace=BATCH_TRACE, key="batch")
    items = {"item": ["SO-1001-1", "SO-1002-1"], "package": "P-1"}
    cost = {"cost": 0.25, "currency": "EUR"}
    wire.step("wms", "pack", 60, trace=BATCH_TRACE, key="pack", parent="batch", refs=items, **robot, **cost)
    wire.span("wms", "scan", 60, 5, trace=BATCH_TRACE, key="scan", parent="pack")
    wire.step("wms", "pack", 62, trace=BATCH_TRACE, key="pack 9", parent="batch", case="SO-1009", **robot)
    wire.span("wms", "scan of SO-1009", 62, 5, trace=BATCH_TRACE, key="scan 9", parent="pack 9")
    parcel = {"package": "P-1", "tracking": "1Z999"}
    failed = {"error_class": "infrastructure", "error_type": "timeout", "error": "no answer in 5 s", "attempt": 1}
    key = {"idempotency_key": "P-1/label"}
    ship = trace_of("ship P-1")
    wire.step("carrier", "label", 70, 5, trace=ship, key="label 1", refs=parcel, **cost, **robot, **key, **failed)
    wire.step("carrier", "label", 71, 5, trace=ship, key="label 2", refs=parcel, attempt=2, **cost, **robot, **key)


def _tell(wire):
    """Log records: below a step, below a plain span, about a parcel, about a case without any trace."""
    trace = trace_of("SO-1001")
    wire.log("erp", "Credit is nearly used up", 3, trace=trace, span=f"{trace}book", severity=13, text="WARNING")
    wire.log("erp-db", "1 row", 4, trace=trace, span="SO-1001-db", severity=5)
    wire.log("carrier", "Parcel weighed", 69, **{"flow.ref.package": "P-1", "weight": "2 kg"})
    wire.log("mail", "Customer told", 121, event="mail.sent", **{"flow.case.id": "SO-1001", "flow.name": FLOW})


def _settle(wire):
    robot = {"actor_type": "service", "actor": "billing", "refs": {"invoice": "INV-7"}}
    trace = trace_of("settle SO-1001")
    wire.step("billing", "invoice", 90, trace=trace, case="SO-1001", cost=0.1, currency="EUR", **robot)
    wire.step("billing", "settle", 120, trace=trace, case="SO-1001", outcome="completed", step_kind="end", **robot)


def _others(wire):
    for number, case in enumerate((ODD_ID, TRAIL_ID, "A")):
        wire.step("shop", "capture", 200 + number, trace=trace_of(case), case=case, actor_type="service", actor="shop")
    wire.step("claims", "file", 300, trace=trace_of("C-1"), case="C-1", flow="claim", refs={"policy": "POL-5"})
