"""Turns events into OTLP: one request, with a resource for each system and the attributes of the conventions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from flowtrail import conventions as c
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.events.event import Event, Money
    from collector.events.identity import Identity

SCOPE: Final = "flowtrail.events"
_MAX_INT: Final = 2**63

Attributes = dict[str, Any]


def export_request(events: Iterable[tuple[Identity, Event]], received_ns: int) -> bytes:
    """The ExportTraceServiceRequest of ``events``. An event without a time happened at ``received_ns``."""
    request = ExportTraceServiceRequest()
    scopes: dict[str, Any] = {}
    for identity, event in events:
        scope = scopes.get(event.system)
        if scope is None:
            group = request.resource_spans.add()
            group.resource.attributes.add(key=c.SERVICE_NAME).value.string_value = event.system
            scope = scopes[event.system] = group.scope_spans.add()
            scope.scope.name = SCOPE
        _fill(scope.spans.add(), event, identity, received_ns)
    body: bytes = request.SerializeToString()
    return body


def _fill(span: Any, event: Event, identity: Identity, received_ns: int) -> None:
    span.trace_id, span.span_id, span.parent_span_id = identity.trace_id, identity.span_id, identity.parent_span_id
    span.name, span.kind = event.step, Span.SPAN_KIND_INTERNAL
    start_ns = received_ns if event.time is None else event.time
    span.start_time_unix_nano = start_ns
    span.end_time_unix_nano = event.end_ns(start_ns)
    if event.error is not None or event.status == "error":
        span.status.code = Status.STATUS_CODE_ERROR
        span.status.message = (event.error.message if event.error else None) or ""
    elif event.status == "ok":
        span.status.code = Status.STATUS_CODE_OK
    for key, value in _attributes(event).items():
        _set(span.attributes.add(key=key).value, value)


def _attributes(event: Event) -> Attributes:
    """Attribute → value, without those that are absent."""
    error, actor = event.error, event.actor
    kind = event.kind or ("compensation" if event.compensates else None)
    attributes: Attributes = {
        c.FLOW_NAME: event.flow,
        c.FLOW_VERSION: event.flow_version,
        c.CASE_ID: event.case,
        c.CORRELATION_ID: event.correlation_id,
        c.STEP: event.step,
        c.STEP_KIND: kind,
        c.STEP_STATE: c.STATE_STARTED if event.started else None,
        c.ATTEMPT: event.attempt,
        c.IDEMPOTENCY_KEY: event.idempotency_key,
        c.EVENT_ID: event.id,
        c.ACTION: event.action,
        c.OUTCOME: event.outcome,
        c.COMPENSATES: event.compensates,
        c.ACTOR_TYPE: actor and actor.type,
        c.ACTOR_ID: actor and actor.id,
        c.ERROR_CLASS: error and error.class_,
        c.ERROR_TYPE: error and error.code,
        c.DATA_READS: event.reads or None,
        c.DATA_WRITES: event.writes or None,
        **_money(c.COST_AMOUNT, c.COST_CURRENCY, event.cost),
        **_money(c.VALUE_AMOUNT, c.VALUE_CURRENCY, event.value),
        **(_approval(event) if event.approval else {}),
        **{c.REF_PREFIX + name: ids if len(ids) > 1 else ids[0] for name, ids in event.refs.items() if ids},
        **_links(event),
        **{c.DIM_PREFIX + name: text for name, text in event.dims.items()},
        **event.attributes,
    }
    return {key: value for key, value in attributes.items() if value is not None}


def _money(amount: str, currency: str, money: Money | None) -> Attributes:
    # As decimal text: a double cannot keep all of 18 digits.
    return {amount: f"{money.amount:f}", currency: money.currency} if money else {}


def _links(event: Event) -> Attributes:
    """For each pair of types (``flow.link.item.package``) a list of ids: source, target, source, target and so on."""
    links: Attributes = {}
    for link in event.links:
        kind, source = link.from_
        for name, ids in link.to.items():
            pairs = links.setdefault(f"{c.LINK_PREFIX}{kind}.{name}", [])
            pairs += [end for target in ids for end in (source, target)]
    return links


def _approval(event: Event) -> Attributes:
    terms = event.approval.model_dump(exclude_none=True) if event.approval else {}
    return {c.APPROVAL_PREFIX + name: value for name, value in terms.items()}


def _set(target: Any, value: Any) -> None:
    """Put ``value`` into an AnyValue."""
    if isinstance(value, list):
        target.array_value.SetInParent()
        for element in value:
            _set(target.array_value.values.add(), element)
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int) and -_MAX_INT <= value < _MAX_INT:
        target.int_value = value
    elif isinstance(value, Decimal):
        target.double_value = float(value)
    else:
        target.string_value = str(value)
