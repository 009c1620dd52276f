"""The record of the durable log: how one envelope lies in a file, and how a damaged file is read.

A record is a header and a body (tenant, request). The header holds the magic, the length of the body, when it was
received, the signal, the length of the tenant, the digest of what was sent, and a CRC of all these. It has a CRC of its
own so that a damaged body costs one record, not the rest of the file. The magic is never searched for: nothing a
stranger puts inside a request can pose as a record.

The digest (BLAKE3, 128 bits) is both: the checksum of the body, and what a request that is sent twice is known by. It
costs no more than the CRC of the body did that stood here in version 0.1, whose records (FTL1) can still be read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zlib import crc32

from blake3 import blake3

from store.intake import Envelope, Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC: Final = b"FTL2"
MAGIC_BEFORE: Final = b"FTL1"
DIGEST_BYTES: Final = 16

_MAGIC_BYTES: Final = 4
_CRC: Final = struct.Struct("<I")
_HEAD: Final = struct.Struct("<4sIQBH16s")
HEADER_BYTES: Final = _HEAD.size + _CRC.size
# FTL1: magic, length, CRC of the body, then the CRC of these; the body begins with time and length of the tenant.
_HEAD_BEFORE: Final = struct.Struct("<4sII")
_HEADER_BYTES_BEFORE: Final = _HEAD_BEFORE.size + _CRC.size
_BODY_BEFORE: Final = struct.Struct("<QH")

PEEK_BYTES: Final = max(HEADER_BYTES, _HEADER_BYTES_BEFORE + _BODY_BEFORE.size)
"""As many bytes of a record as ``record_bytes`` and ``received_ns`` need."""

# Numbers on disk, not the order of the enum.
_NUMBER: Final = {Signal.TRACES: 1, Signal.LOGS: 2, Signal.METRICS: 3}
_SIGNAL: Final = {number: signal for signal, number in _NUMBER.items()}


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record: ``end`` is the offset behind it in its file, ``digest`` that of its envelope."""

    end: int
    envelope: Envelope
    digest: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes from ``start`` to ``end`` that are no whole record. ``torn``: what an unfinished write leaves behind."""

    start: int
    end: int
    reason: str
    torn: bool


def digest(envelope: Envelope) -> bytes:
    """16 bytes that are equal for equal tenant, signal and request, and for nothing else; the time does not count."""
    tenant = envelope.tenant.encode()
    return _digest(_NUMBER[envelope.signal], tenant, envelope.request)


def encode(envelope: Envelope, known_digest: bytes | None = None) -> tuple[bytes, bytes]:
    """The bytes of one record in two parts, so that the request is not copied here."""
    tenant = envelope.tenant.encode()
    number = _NUMBER[envelope.signal]
    head = _HEAD.pack(
        MAGIC,
        len(tenant) + len(envelope.request),
        envelope.received_ns,
        number,
        len(tenant),
        known_digest or _digest(number, tenant, envelope.request),
    )
    return b"".join((head, _CRC.pack(crc32(head)), tenant)), envelope.request


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
    if _is_sound(view, MAGIC, _HEAD.size):
        return HEADER_BYTES + int(_HEAD.unpack_from(view)[1])
    if _is_sound(view, MAGIC_BEFORE, _HEAD_BEFORE.size):
        return _HEADER_BYTES_BEFORE + int(_HEAD_BEFORE.unpack_from(view)[1])
    return None


def received_ns(data: bytes) -> int | None:
    """When the record that begins ``data`` was received (Unix nanoseconds), None if that cannot be told."""
    view = memoryview(data)
    if _is_sound(view, MAGIC, _HEAD.size):
        return int(_HEAD.unpack_from(view)[2])
    enough = len(view) >= _HEADER_BYTES_BEFORE + _BODY_BEFORE.size
    if enough and _is_sound(view, MAGIC_BEFORE, _HEAD_BEFORE.size):
        return int(_BODY_BEFORE.unpack_from(view, _HEADER_BYTES_BEFORE)[0])
    return None


def _digest(signal: int, tenant: bytes, request: bytes | memoryview) -> bytes:
    state = blake3(b"%c%b%b" % (signal, len(tenant).to_bytes(2, "little"), tenant))
    state.update(request)
    return state.digest(DIGEST_BYTES)


def _read_one(view: memoryview, at: int, base: int) -> Record | Damage:
    rest = view[at:]
    size = record_bytes(rest)
    if size is None:
        return _no_header(rest, base + at, base + len(view))
    if size > len(rest):
        return Damage(base + at, base + len(view), "cut off within a record", torn=True)
    found = _sound_body(rest[:size])
    if found is None:
        return Damage(base + at, base + at + size, "damaged record body", torn=False)
    return Record(base + at + size, *found)


def _no_header(rest: memoryview, start: int, end: int) -> Damage:
    if not any(rest):
        return Damage(start, end, "blank space where a record should be", torn=True)
    least = _HEADER_BYTES_BEFORE if bytes(rest[:_MAGIC_BYTES]) == MAGIC_BEFORE else HEADER_BYTES
    if len(rest) < least:
        return Damage(start, end, "cut off within a record header", torn=True)
    return Damage(start, end, "damaged record header", torn=False)


def _is_sound(view: memoryview, magic: bytes, size: int) -> bool:
    return (
        len(view) >= size + _CRC.size
        and view[:_MAGIC_BYTES] == magic
        and _CRC.unpack_from(view, size)[0] == crc32(view[:size])
    )


def _sound_body(record: memoryview) -> tuple[Envelope, bytes] | None:
    """The envelope of a record whose header is sound, and its digest; None if the body is not."""
    if bytes(record[:_MAGIC_BYTES]) == MAGIC_BEFORE:
        return _sound_body_before(record)
    _, _, received, number, tenant_bytes, expected = _HEAD.unpack_from(record)
    body = record[HEADER_BYTES:]
    tenant, request = bytes(body[:tenant_bytes]), bytes(body[tenant_bytes:])
    if number not in _SIGNAL or len(tenant) != tenant_bytes or _digest(number, tenant, request) != expected:
        return None
    return Envelope(tenant.decode(), received, request, _SIGNAL[number]), expected


def _sound_body_before(record: memoryview) -> tuple[Envelope, bytes] | None:
    body = record[_HEADER_BYTES_BEFORE:]
    if len(body) < _BODY_BEFORE.size or crc32(body) != _HEAD_BEFORE.unpack_from(record)[2]:
        return None
    received, tenant_bytes = _BODY_BEFORE.unpack_from(body)
    request_at = _BODY_BEFORE.size + tenant_bytes
    envelope = Envelope(str(body[_BODY_BEFORE.size : request_at], "utf-8"), received, bytes(body[request_at:]))
    return envelope, digest(envelope)
