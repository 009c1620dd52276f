"""Events as OTLP in JSON, a request per line, as the file exporter of the OpenTelemetry Collector writes them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson
from flowtrail import conventions as words

from exporting.distinct import distinct, scratch_database
from exporting.values import LISTS, NUMBERS, number, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exporting.events import ExportedEvent

_LINE: Final = 500
"""Spans per line."""

_KINDS: Final = {"Internal": 1, "Server": 2, "Client": 3, "Producer": 4, "Consumer": 5}
_STATUS: Final = {"Ok": 1, "Error": 2}


def write_otlp(events: Iterable[ExportedEvent]) -> Iterator[bytes]:
    """Lines of JSON, each an ExportTraceServiceRequest."""
    with scratch_database() as connection:
        rest = distinct(events, connection)
        while portion := list(islice(rest, _LINE)):
            yield orjson.dumps({"resourceSpans": _resources(portion)}, option=orjson.OPT_APPEND_NEWLINE)


def _resources(events: list[ExportedEvent]) -> list[dict[str, Any]]:
    by_origin: dict[tuple[Any, ...], list[ExportedEvent]] = {}
    for event in events:
        by_origin.setdefault((tuple(sorted(event.resource.items())), event.scope), []).append(event)
    return [
        {
            "resource": {"attributes": _attributes(dict(resource))},
            "scopeSpans": [{"scope": {"name": scope[0], "version": scope[1]}, "spans": list(map(_span, spans))}],
        }
        for (resource, scope), spans in by_origin.items()
    ]


def _span(event: ExportedEvent) -> dict[str, Any]:
    span: dict[str, Any] = {
        "traceId": event.trace_id,
        "spanId": event.span_id,
        "name": event.name,
        "kind": _KINDS.get(event.kind, 0),
        "startTimeUnixNano": str(event.start),
        "endTimeUnixNano": str(event.end),
        "attributes": _attributes(event.attributes),
    }
    if event.parent_id:
        span["parentSpanId"] = event.parent_id
    if event.trace_state:
        span["traceState"] = event.trace_state
    if code := _STATUS.get(event.failed):
        span["status"] = {"code": code, **({"message": event.message} if event.message else {})}
    if event.span_events:
        span["events"] = [
            {
                "timeUnixNano": str(span_event.at),
                "name": span_event.name,
                "attributes": _attributes(span_event.attributes),
            }
            for span_event in event.span_events
        ]
    if event.links:
        span["links"] = [
            {"traceId": trace_id, "spanId": span_id, "attributes": _attributes(attributes)}
            for trace_id, span_id, attributes in event.links
        ]
    return span


def _attributes(texts: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(name, text)} for name, text in texts.items()]


def _value(name: str, text: str) -> dict[str, Any]:
    """A value with its type on the wire: the store has all values as text."""
    if name == words.ATTEMPT and text.isdecimal():
        return {"intValue": text}
    if name in NUMBERS and (amount := number(text)) is not None:
        return {"doubleValue": amount}
    if name.startswith(LISTS) and text.startswith("["):
        return {"arrayValue": {"values": [{"stringValue": value} for value in values_of(text)]}}
    return {"stringValue": text}
