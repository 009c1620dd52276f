"""Events as OTLP: requests in protobuf, written by hand, since most attributes come again and again."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue

from store.wire import field, fixed64, varint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importing.events.event import ImportedEvent, Value

SCOPE: Final = "flowtrail.import"
_INTERNAL: Final = varint(6 << 3) + varint(1)
_ERROR: Final = varint(3 << 3) + varint(2)


def request(events: Sequence[ImportedEvent], source: str) -> bytes:
    """An ExportTraceServiceRequest with these events, one resource per system. ``source``: the name of the log."""
    by_system: dict[str, list[bytes]] = {}
    for event in events:
        by_system.setdefault(event.system, []).append(_span(event))
    scope = field(1, field(1, SCOPE.encode()))
    return b"".join(
        field(1, _resource(system, source) + field(2, scope + b"".join(spans))) for system, spans in by_system.items()
    )


@lru_cache(maxsize=1024)
def _resource(system: str, source: str) -> bytes:
    return field(1, _attribute("service.name", system) + _attribute("flowtrail.import.source", source))


def _span(event: ImportedEvent) -> bytes:
    # The fields of opentelemetry.proto.trace.v1.Span: 1 trace id, 2 span id, 4 parent, 5 name, 6 kind, 7 start, 8 end,
    # 9 attributes, 11 events, 15 status.
    parts = [
        field(1, event.trace_id),
        field(2, event.span_id.to_bytes(8, "big")),
        field(5, event.step.encode("utf-8", "replace")),
        _INTERNAL,
        fixed64(7, event.start),
        fixed64(8, event.end),
    ]
    if event.parent:
        parts.append(field(4, event.parent.to_bytes(8, "big")))
    for name, value in event.attributes.items():
        if isinstance(value, list):
            parts.append(field(9, _list(name, value)) if len(value) != 1 else field(9, _plain(name, value[0])))
        elif isinstance(value, str):
            parts.append(_attribute_of_span(name, value))
        else:
            parts.append(field(9, _plain(name, value)))
    parts += [field(11, fixed64(1, note.at) + field(2, f"lifecycle.{note.name}".encode())) for note in event.notes]
    if event.failed:
        parts.append(field(15, field(2, event.message.encode("utf-8", "replace")) + _ERROR))
    return field(2, b"".join(parts))


@lru_cache(maxsize=65_536)
def _attribute_of_span(name: str, value: str) -> bytes:
    return field(9, _plain(name, value))


def _attribute(name: str, value: str) -> bytes:
    return field(1, _plain(name, value))


def _plain(name: str, value: Value) -> bytes:
    """A KeyValue: 1 key, 2 value; of an AnyValue 1 is a text, 2 a bool, 3 an int, 4 a double."""
    if isinstance(value, bool):
        body = varint(2 << 3) + varint(int(value))
    elif isinstance(value, int):
        body = varint(3 << 3) + varint(value & 0xFFFFFFFFFFFFFFFF)
    elif isinstance(value, float):
        body = varint(4 << 3 | 1) + struct.pack("<d", value)
    else:
        body = field(1, str(value).encode("utf-8", "replace"))
    return field(1, name.encode("utf-8", "replace")) + field(2, body)


def _list(name: str, values: Sequence[str]) -> bytes:
    array = ArrayValue(values=[AnyValue(string_value=value) for value in values])
    encoded: bytes = KeyValue(key=name, value=AnyValue(array_value=array)).SerializeToString()
    return encoded
