"""Counts what a request holds before it is decoded: 20 KB of gzip can hold ten million spans.

Two properties of protobuf make this cheap. A field that holds a message may be read as plain bytes, so one small schema
of byte fields reads every level in C. And the encodings of messages can be concatenated: the attributes of a thousand
spans take one read.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from collector.errors import Refusal
from common.units import MIB
from store.intake import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PARTS_PER_ITEM: Final = 20
"""A request may hold so many attributes, values, events, links, scopes and resources for each item it may hold."""

_SMALLEST_BYTES: Final = 2
"""A nested message takes at least its tag and its length."""

_PIECE_BYTES: Final = 4 * MIB
_PIECE_FIELDS: Final = 65_536
"""The limits of one read, so that it takes little memory even if it is nothing but empty messages."""

_SMALL_SPAN_BYTES: Final = 1024
"""Most spans are smaller, and too small to take much space in the store."""

_MAX_DEPTH: Final = 300
"""Levels of byte fields. Protobuf itself refuses 100 nested messages, which is reached earlier."""

_COUNTED: Final[dict[str, dict[int, str]]] = {
    "traces": {1: "resource_spans"},
    "resource_spans": {1: "resource", 2: "scope_spans"},
    "scope_spans": {1: "scope", 2: "span"},
    "span": {9: "attribute", 11: "event", 13: "link"},
    "event": {3: "attribute"},
    "link": {4: "attribute"},
    "logs": {1: "resource_logs"},
    "resource_logs": {1: "resource", 2: "scope_logs"},
    "scope_logs": {1: "scope", 2: "log_record"},
    "log_record": {5: "value", 6: "attribute"},
    "metrics": {1: "resource_metrics"},
    "resource_metrics": {1: "resource", 2: "scope_metrics"},
    "scope_metrics": {1: "scope", 2: "metric"},
    "metric": {5: "numbers", 7: "numbers", 9: "histograms", 10: "exponentials", 11: "summaries", 12: "attribute"},
    "numbers": {1: "number_point"},
    "histograms": {1: "histogram_point"},
    "exponentials": {1: "exponential_point"},
    "summaries": {1: "summary_point"},
    "number_point": {5: "exemplar", 7: "attribute"},
    "histogram_point": {8: "exemplar", 9: "attribute"},
    "exponential_point": {1: "attribute", 8: "buckets", 9: "buckets", 11: "exemplar"},
    "summary_point": {6: "quantile", 7: "attribute"},
    "exemplar": {7: "attribute"},
    "resource": {1: "attribute", 3: "entity"},
    "scope": {3: "attribute"},
    "attribute": {2: "value"},
    "value": {5: "list", 6: "attributes"},
    "list": {1: "value"},
    "attributes": {1: "attribute"},
}
"""Message → the numbers of its fields that hold messages. Source: opentelemetry-proto's .proto files."""

_HINT: Final = "Send smaller batches, or raise the collector's setting max_spans_per_request."

_ITEMS: Final = ("span", "log_record", "number_point", "histogram_point", "exponential_point", "summary_point")


def _above_items() -> frozenset[str]:
    """The messages that hold items, at any depth."""
    kinds = set(_ITEMS)
    while more := {kind for kind, inner in _COUNTED.items() if kind not in kinds and kinds & {*inner.values()}}:
        kinds |= more
    return frozenset(kinds.difference(_ITEMS))


_ABOVE_ITEMS: Final = _above_items()


@dataclass(slots=True)
class WireCount:
    """What a request holds.

    ``items``: spans, log records or data points. ``parts``: all other messages; 0 if the request is too small for them
    to matter. ``squares``: the sum of the squared sizes (bytes²) of spans larger than 1 KiB, an upper bound for what
    the store makes of them when it copies a span once per part of it.
    """

    items: int = 0
    parts: int = 0
    squares: int = 0


def count_on_wire(body: bytes, max_items: int, signal: Signal = Signal.TRACES) -> WireCount:
    """Count what ``body`` holds, as far as it can be read. Raises Refusal ``too_large``. ``max_items`` 0: no limit.

    Parts are not counted if a body of this size cannot exceed their limit. Takes about as much memory as the body.
    """
    with_parts = len(body) > _SMALLEST_BYTES * PARTS_PER_ITEM * max_items > 0
    return _Counter(max_items, with_parts=with_parts).count(body, signal)


def expect_few(items: int, limit: int) -> None:
    """Raise Refusal ``too_large`` if there are more than ``limit`` items. 0: no limit."""
    if 0 < limit < items:
        message = f"The request holds more than {limit:,} spans, log records or data points."
        raise Refusal("too_large", message, _HINT)


class _Counter:
    """Counts one request."""

    def __init__(self, max_items: int, *, with_parts: bool) -> None:
        self._max_items = max_items
        self._with_parts = with_parts
        self._count = WireCount()

    def count(self, body: bytes, signal: Signal) -> WireCount:
        # A body that cannot be read is reported by the decoder, which reads no further than this does.
        with suppress(DecodeError):
            self._walk(signal, body, 0)
        return self._count

    def _walk(self, kind: str, data: bytes, depth: int) -> None:
        """Count what is in ``data``, which is one or more concatenated messages of one kind."""
        if depth > _MAX_DEPTH:
            raise DecodeError
        inner = _COUNTED[kind]
        for piece in self._pieces(data):
            read = _Fields.FromString(piece)
            for number, child in inner.items():
                messages = getattr(read, f"f{number}")
                if not messages:
                    continue
                self._add(child, messages)
                if child in _COUNTED and (self._with_parts or child in _ABOVE_ITEMS):
                    for chunk in _chunks(messages):
                        self._walk(child, chunk, depth + 1)

    def _add(self, kind: str, messages: Sequence[bytes]) -> None:
        count = self._count
        if kind in _ITEMS:
            count.items += len(messages)
            if kind == "span" and not 0 < self._max_items < count.items:
                large = [size for size in map(len, messages) if size > _SMALL_SPAN_BYTES]
                count.squares += sum(map(mul, large, large))
        elif self._with_parts:
            count.parts += len(messages)
        self._expect_within()

    def _expect_within(self, walked: int = 0) -> None:
        limit = self._max_items
        if not limit:
            return
        expect_few(self._count.items, limit)
        if self._count.parts > limit * PARTS_PER_ITEM or walked > limit * PARTS_PER_ITEM:
            most = f"{limit * PARTS_PER_ITEM:,} attributes, values, events, links and the like"
            raise Refusal("too_large", f"The request holds more than {most}.", _HINT)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        """``data`` in pieces, cut between two fields, so that no read takes much memory."""
        if len(data) <= _PIECE_BYTES:
            yield data
            return
        start = at = fields = 0
        while at < len(data):
            end = _field_end(data, at)
            # Cut before the field that makes the piece too large. A larger field is a piece of its own.
            if at > start and (end - start > _PIECE_BYTES or fields % _PIECE_FIELDS == 0):
                self._expect_within(fields)
                yield data[start:at]
                start = at
            at = end
            fields += 1
        yield data[start:]


def _chunks(messages: Sequence[bytes]) -> Iterator[bytes]:
    """Messages of one kind, concatenated up to the size of a piece; a larger message is a chunk of its own."""
    chunk: list[bytes] = []
    size = 0
    for message in messages:
        if size + len(message) > _PIECE_BYTES and chunk:
            yield b"".join(chunk)
            chunk, size = [], 0
        chunk.append(message)
        size += len(message)
    yield b"".join(chunk)


def _field_end(data: bytes, at: int) -> int:
    """Where the field that begins at ``at`` ends. Raises DecodeError, or Refusal for groups, which OTLP never had."""
    # The fast path for nearly every field: one byte of tag, length-delimited, a length of one or two bytes.
    if at + 2 < len(data) and data[at] < 0x80 and data[at] & 7 == 2:
        low, high = data[at + 1], data[at + 2]
        end = at + 2 + low if low < 0x80 else at + 3 + (low & 0x7F) + (high << 7)
        if (low < 0x80 or high < 0x80) and end <= len(data):
            return end
    tag, at = _varint(data, at)
    kind = tag & 7
    if kind == 2:
        size, at = _varint(data, at)
        end = at + size
    elif kind == 0:
        end = _varint(data, at)[1]
    elif kind in {1, 5}:
        end = at + (8 if kind == 1 else 4)
    else:
        raise Refusal("invalid_data", "The body is not OTLP in protobuf: it holds groups.")
    if end > len(data):
        raise DecodeError
    return end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The varint at ``at`` and where it ends. Raises DecodeError."""
    number = shift = 0
    for index in range(at, min(at + 10, len(data))):
        byte = data[index]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, index + 1
        shift += 7
    raise DecodeError


def _fields_class() -> Any:
    """A message class with a field of repeated bytes for each field number that is counted."""
    file = FileDescriptorProto(name="flowtrail/wire_count.proto", package="flowtrail.wire_count", syntax="proto3")
    message = file.message_type.add(name="Fields")
    for number in sorted({number for inner in _COUNTED.values() for number in inner}):
        message.field.add(
            name=f"f{number}",
            number=number,
            type=FieldDescriptorProto.TYPE_BYTES,
            label=FieldDescriptorProto.LABEL_REPEATED,
        )
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName("flowtrail.wire_count.Fields"))


_Fields: Final = _fields_class()
