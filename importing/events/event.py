"""An event as it is sent: what a record, or a start and an end of one, comes to."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importing.errors import Place
    from importing.record import Record

Value = str | int | float | bool | list[str]


class Note(NamedTuple):
    """Something that happened to a step: a name and Unix nanoseconds."""

    name: str
    at: int


@dataclass(slots=True)
class ImportedEvent:
    """One span to be. Times are Unix nanoseconds; ``attributes`` are the words on the wire.

    ``span_id`` holds the place of the event among those of its trace in its high half, so that events with equal times
    keep the order of the file; its low half, a digest of the record, keeps apart two files that speak of one case.
    ``parent``: of a started record, the id that the finished span will have.
    """

    place: Place
    system: str
    trace_id: bytes
    span_id: int
    step: str
    start: int
    end: int
    attributes: dict[str, Value]
    failed: bool = False
    message: str = ""
    notes: Sequence[Note] = field(default_factory=tuple)
    parent: int = 0

    @property
    def case(self) -> tuple[str, str]:
        """Flow and case id; the id is '' where the event names none."""
        return str(self.attributes.get("flow.name", "")), str(self.attributes.get("flow.case.id", ""))


def trace_id(*parts: str) -> bytes:
    """The trace of what these parts name: the same in every import."""
    digest = blake2b(digest_size=16, person=b"flowtrail-import")
    for part in parts:
        digest.update(len(part.encode()).to_bytes(4, "big") + part.encode())
    return digest.digest()


def span_id(record: Record) -> int:
    """The id of the step that ``record`` is, or begins."""
    content = repr((list(record.values.items()), list(record.relations)))
    return (record.ordinal & 0xFFFFFFFF) << 32 | (zlib.crc32(content.encode("utf-8", "surrogatepass")) or 1)
