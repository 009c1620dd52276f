"""The record of the durable log: how one envelope lies in a file, and how a damaged file is read.

A record is a header (magic, length of the body, CRC of the body, CRC of these three) and a body (received time,
length of the tenant, tenant, request). The header has a CRC of its own so that a damaged body costs one record, not the
rest of the file. The magic is never searched for: nothing a stranger puts inside a request can pose as a record.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zlib import crc32

from store.intake import Envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC: Final = b"FTL1"
_LENGTHS: Final = struct.Struct("<4sII")
_CRC: Final = struct.Struct("<I")
_BODY: Final = struct.Struct("<QH")
HEADER_BYTES: Final = _LENGTHS.size + _CRC.size


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record: ``end`` is the offset behind it in its file."""

    end: int
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes from ``start`` to ``end`` that are no whole record. ``torn``: what an unfinished write leaves behind."""

    start: int
    end: int
    reason: str
    torn: bool


def encode(envelope: Envelope) -> tuple[bytes, bytes]:
    """The bytes of one record in two parts, so that the request is not copied here."""
    tenant = envelope.tenant.encode()
    prefix = _BODY.pack(envelope.received_ns, len(tenant)) + tenant
    body_crc = crc32(envelope.request, crc32(prefix))
    lengths = _LENGTHS.pack(MAGIC, len(prefix) + len(envelope.request), body_crc)
    return lengths + _CRC.pack(crc32(lengths)) + prefix, envelope.request


def scan(data: bytes, base: int = 0) -> Iterator[Record | Damage]:
    """Read ``data``, whose first byte lies at offset ``base`` of its file, to the end, whatever it holds."""
    view = memoryview(data)
    at = 0
    while at < len(view):
        found = _read_one(view, at, base)
        yield found
        at = found.end - base


def whole_bytes(data: bytes) -> int:
    """How many bytes at the start of ``data`` are complete records, going by their headers."""
    view = memoryview(data)
    at = 0
    while (size := record_bytes(view[at:])) is not None and at + size <= len(view):
        at += size
    return at


def record_bytes(data: bytes | memoryview) -> int | None:
    """The size of the record that begins ``data``, None if there is no sound header."""
    view = memoryview(data)
    length = _header_body_length(view) if len(view) >= HEADER_BYTES else None
    return None if length is None else HEADER_BYTES + length


def body_received_ns(data: bytes) -> int | None:
    """When the record that begins ``data`` was received (Unix nanoseconds), None if that cannot be told."""
    if len(data) < PEEK_BYTES or _header_body_length(memoryview(data)) is None:
        return None
    received_ns: int = _BODY.unpack_from(data, HEADER_BYTES)[0]
    return received_ns


PEEK_BYTES: Final = HEADER_BYTES + _BODY.size
"""As many bytes as ``body_received_ns`` needs."""


def _read_one(view: memoryview, at: int, base: int) -> Record | Damage:
    rest = view[at:]
    if len(rest) < HEADER_BYTES:
        return Damage(base + at, base + len(view), "cut off within a record header", torn=True)
    length = _header_body_length(rest)
    if length is None:
        blank = not any(rest)
        reason = "blank space where a record should be" if blank else "damaged record header"
        return Damage(base + at, base + len(view), reason, torn=blank)
    end = HEADER_BYTES + length
    if end > len(rest):
        return Damage(base + at, base + len(view), "cut off within a record", torn=True)
    envelope = _envelope(rest, end)
    if envelope is None:
        return Damage(base + at, base + at + end, "damaged record body", torn=False)
    return Record(base + at + end, envelope)


def _header_body_length(view: memoryview) -> int | None:
    magic, length, _ = _LENGTHS.unpack_from(view)
    if magic != MAGIC or _CRC.unpack_from(view, _LENGTHS.size)[0] != crc32(view[: _LENGTHS.size]):
        return None
    return int(length)


def _envelope(view: memoryview, end: int) -> Envelope | None:
    body = view[HEADER_BYTES:end]
    if len(body) < _BODY.size or crc32(body) != _LENGTHS.unpack_from(view)[2]:
        return None
    received_ns, tenant_bytes = _BODY.unpack_from(body)
    request_at = _BODY.size + tenant_bytes
    return Envelope(str(body[_BODY.size : request_at], "utf-8"), received_ns, bytes(body[request_at:]))
