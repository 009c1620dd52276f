"""How much a request holds, told from the wire before it is decoded: 20 KB of gzip can hold ten million spans.

Two properties of protobuf make this cheap. A field may be read as plain bytes, whatever message it holds, so one small
schema of byte fields reads every level in C. And messages concatenate: all attributes of a thousand spans are one read.
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
"""For each item that a request may hold, it may hold so many attributes, values, events, links, scopes, resources."""

_SMALLEST_BYTES: Final = 2
"""A message within a message takes at least its tag and its length."""

_PIECE_BYTES: Final = 4 * MIB
_PIECE_FIELDS: Final = 65_536
"""What one read takes in: little enough memory even if it is all empty messages."""

_SMALL_SPAN_BYTES: Final = 1024
"""Most spans are smaller, and what they can grow to in the store is not worth counting."""

_MAX_DEPTH: Final = 300
"""Levels of byte fields; protobuf itself refuses 100 messages within each other, which is sooner."""

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
    """The messages that hold items, at whatever depth."""
    found = set(_ITEMS)
    while more := {kind for kind, inner in _COUNTED.items() if kind not in found and found & {*inner.values()}}:
        found |= more
    return frozenset(found.difference(_ITEMS))


_ABOVE_ITEMS: Final = _above_items()


@dataclass(slots=True)
class WireCount:
    """What a request holds.

    ``items``: spans, log records or data points. ``parts``: messages other than these, 0 unless the request is so large
    that they had to be counted. ``squares``: the sum of the squared sizes of the spans larger than 1 KiB, bytes²;
    copies of parts of such spans come to no more.
    """

    items: int = 0
    parts: int = 0
    squares: int = 0


def count_on_wire(body: bytes, max_items: int, signal: Signal = Signal.TRACES) -> WireCount:
    """Count what ``body`` holds, as far as it can be decoded; raises Refusal ``too_large``. ``max_items`` 0: no limit.

    What a body of its size can hold within the limits is not counted. Memory stays near the size of the body.
    """
    with_parts = len(body) > _SMALLEST_BYTES * PARTS_PER_ITEM * max_items > 0
    return _Count(max_items, with_parts=with_parts).of(body, signal)


def expect_few(items: int, limit: int) -> None:
    """Raise Refusal ``too_large`` if there are more than ``limit`` items; 0 for no limit."""
    if 0 < limit < items:
        message = f"The request holds more than {limit:,} spans, log records or data points."
        raise Refusal("too_large", message, _HINT)


class _Count:
    """One census under way."""

    def __init__(self, max_items: int, *, with_parts: bool) -> None:
        self._max_items = max_items
        self._with_parts = with_parts
        self._census = WireCount()

    def of(self, body: bytes, signal: Signal) -> WireCount:
        with suppress(DecodeError):  # whoever decodes it says what is wrong, and gets no further than this did
            self._walk(signal, body, 0)
        return self._census

    def _walk(self, kind: str, data: bytes, depth: int) -> None:
        """Count what lies in ``data``, messages of one kind in a row."""
        if depth > _MAX_DEPTH:
            raise DecodeError
        inner = _COUNTED[kind]
        for piece in self._pieces(data):
            read = _Fields.FromString(piece)
            for number, child in inner.items():
                found = getattr(read, f"f{number}")
                if not found:
                    continue
                self._add(child, found)
                if child in _COUNTED and (self._with_parts or child in _ABOVE_ITEMS):
                    for chunk in _chunks(found):
                        self._walk(child, chunk, depth + 1)

    def _add(self, child: str, found: Sequence[bytes]) -> None:
        census = self._census
        if child in _ITEMS:
            census.items += len(found)
            if child == "span" and not 0 < self._max_items < census.items:
                large = [size for size in map(len, found) if size > _SMALL_SPAN_BYTES]
                census.squares += sum(map(mul, large, large))
        elif self._with_parts:
            census.parts += len(found)
        self._expect_within()

    def _expect_within(self, walked: int = 0) -> None:
        limit = self._max_items
        if not limit:
            return
        expect_few(self._census.items, limit)
        if self._census.parts > limit * PARTS_PER_ITEM or walked > limit * PARTS_PER_ITEM:
            most = f"{limit * PARTS_PER_ITEM:,} attributes, values, events, links and the like"
            raise Refusal("too_large", f"The request holds more than {most}.", _HINT)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        """``data`` cut between two fields wherever a piece is full, so that no read takes much memory."""
        if len(data) <= _PIECE_BYTES:
            yield data
            return
        start = at = fields = 0
        while at < len(data):
            end = _field_end(data, at)
            if at > start and (end - start > _PIECE_BYTES or fields % _PIECE_FIELDS == 0):
                self._expect_within(fields)
                yield data[start:at]
                start = at
            at = end
            fields += 1
        yield data[start:]


def _chunks(found: Sequence[bytes]) -> Iterator[bytes]:
    """Messages of one kind joined to chunks; one that is large stays alone."""
    gathered: list[bytes] = []
    size = 0
    for one in found:
        if size + len(one) > _PIECE_BYTES and gathered:
            yield b"".join(gathered)
            gathered, size = [], 0
        gathered.append(one)
        size += len(one)
    yield b"".join(gathered)


def _field_end(data: bytes, at: int) -> int:
    """Where the field that begins at ``at`` ends; raises DecodeError. Groups, which OTLP never had, are none."""
    if at + 2 < len(data) and data[at] < 0x80 and data[at] & 7 == 2:  # nearly every field: small number, short length
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
    """The number at ``at`` and where it ends; raises DecodeError."""
    number = shift = 0
    for index in range(at, min(at + 10, len(data))):
        byte = data[index]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, index + 1
        shift += 7
    raise DecodeError


def _fields_class() -> Any:
    """A message whose fields are all repeated bytes, one for each number that is counted."""
    file = FileDescriptorProto(name="flowtrail/census.proto", package="flowtrail.census", syntax="proto3")
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
    return GetMessageClass(pool.FindMessageTypeByName("flowtrail.census.Fields"))


_Fields: Final = _fields_class()
