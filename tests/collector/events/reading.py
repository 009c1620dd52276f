"""Events as a tool writes them, and what the collector reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.check.rules import TimeWindow
from collector.events.body import read_raw_events
from collector.events.intake import read_events

if TYPE_CHECKING:
    from collector.events.fault import Fault
    from collector.events.intake import EventResults

NOW_NS = 1_790_000_000_000_000_000
SMALL: dict[str, Any] = {
    "flow": "order-to-cash",
    "system": "returns-sheet",
    "step": "approve",
    "case": "SO-1",
    "id": "1",
}
FULL: dict[str, Any] = {
    **SMALL,
    "flow_version": "3",
    "refs": {"package": ["P-1", "P-2"], "item": 7},
    "links": [{"from": {"item": 7}, "to": {"package": ["P-1", "P-2"]}}],
    "time": "2026-03-01T14:05:00.25+01:00",
    "duration_s": "2.5",
    "zone": "Europe/Berlin",
    "state": "finished",
    "kind": "approval",
    "actor": {"type": "human", "id": "dana"},
    "action": "approve",
    "attempt": 2,
    "outcome": "completed",
    "error": {"class": "business", "code": "no-stock", "message": "There is none left."},
    "cost": {"amount": 0.02, "currency": "eur"},
    "value": {"amount": "123456789012.123456", "currency": "EUR"},
    "dims": {"channel": "web", "floor": 3, "express": True},
    "attributes": {"shelf": "A", "weight": 1.5, "pieces": 3, "fragile": False, "codes": ["a", 1]},
    "approval": {"timeout_s": 86400, "decided_by": "dana"},
    "compensates": "reserve-stock",
    "idempotency_key": "SO-1/approve",
    "correlation_id": "c-1",
    "reads": ["orders@3#total"],
    "writes": "ledger@1#amount",
    "trace_id": "0AF7651916CD43DD8448EB211C80319C",
    "parent_span_id": "b7ad6b7169203331",
}


def read(*events: Any, tenant: str = "default", window: TimeWindow | None = None) -> EventResults:
    """The results of ``events``, sent as one list."""
    raw_events = read_raw_events(json.dumps(events).encode(), "application/json", 0)
    return read_events(raw_events, tenant, NOW_NS, window or TimeWindow())


def faults(**changes: Any) -> dict[str, Fault]:
    """The faults of the small event with these changes, by field. ``...`` leaves a field out."""
    event = {name: value for name, value in {**SMALL, **changes}.items() if value is not ...}
    reading = read(event)
    return {fault.field: fault for rejected in reading.rejected for fault in rejected.faults}


def spans(reading: EventResults) -> list[tuple[str, Any]]:
    """(system, span) of what was accepted."""
    request = ExportTraceServiceRequest.FromString(reading.request)
    return [
        (group.resource.attributes[0].value.string_value, span)
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def attributes(span: Any) -> dict[str, Any]:
    """The attributes of a span as Python values."""
    return {attribute.key: _value(attribute.value) for attribute in span.attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    return [_value(element) for element in value.array_value.values] if kind == "array_value" else getattr(value, kind)
