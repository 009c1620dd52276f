"""The record of the durable log: how one envelope lies in a file, and how a damaged file is read.

A record is a header and a body. The body is the tenant, then the request. The header, little-endian:

==========  ======================================================
4 bytes     magic, ``FTL2``
4 bytes     length of the body
8 bytes     time of receipt, Unix nanoseconds
1 byte      signal
2 bytes     length of the tenant
16 bytes    digest of signal, tenant and request
4 bytes     CRC-32 of all these
==========  ======================================================

The header has a CRC of its own: if only the body is damaged, the length still leads to the next record. The reader
never searches for the magic, so nothing that a sender puts into a request can be taken for a record.

The digest (BLAKE3, 128 bits) is the checksum of the body and also the key by which a duplicate request is recognised.
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

DIGEST_BYTES: Final = 16

_MAGIC: Final = b"FTL2"
_CRC: Final = struct.Struct("<I")
_HEAD: Final = struct.Struct("<4sIQBH16s")
HEADER_BYTES: Final = _HEAD.size + _CRC.size

# These numbers are on disk and must not change when the enum does.
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
    """Bytes from ``start`` to ``end`` that are not a whole record. ``torn``: an unfinished write may have left them."""

    start: int
    end: int
    reason: str
    torn: bool


def digest(envelope: Envelope) -> bytes:
    """16 bytes that are equal only for equal tenant, signal and request. The time of receipt does not count."""
    tenant = envelope.tenant.encode()
    return _digest(_NUMBER[envelope.signal], tenant, envelope.request)


def encode(envelope: Envelope, known_digest: bytes | None = None) -> tuple[bytes, bytes]:
    """The bytes of one record in two parts, so that the request is not copied here."""
    tenant = envelope.tenant.encode()
    number = _NUMBER[envelope.signal]
    head = _HEAD.pack(
        _MAGIC,
        len(tenant) + len(envelope.request),
        envelope.received_ns,
        number,
        len(tenant),
        known_digest or _digest(number, tenant, envelope.request),
    )
    return b"".join((head, _CRC.pack(crc32(head)), tenant)), envelope.request


def scan(data: bytes, base: int = 0) -> Iterator[Record | Damage]:
    """Read ``data`` to its end, whatever it holds. Its first byte lies at offset ``base`` of its file.

    >>> [type(part).__name__ for part in scan(b"".join(encode(Envelope("default", 1, b"request"))) + b"torn")]
    ['Record', 'Damage']
    """
    view = memoryview(data)
    at = 0
    while at < len(view):
        part = _read_one(view, at, base)
        yield part
        at = part.end - base


def whole_bytes(data: bytes) -> int:
    """How many bytes at the start of ``data`` are complete records, going by their headers."""
    view = memoryview(data)
    at = 0
    while (size := record_bytes(view[at:])) is not None and at + size <= len(view):
        at += size
    return at


def record_bytes(data: bytes | memoryview) -> int | None:
    """The size of the record that begins ``data``, from its first ``HEADER_BYTES``. None if the header is damaged."""
    view = memoryview(data)
    return HEADER_BYTES + int(_HEAD.unpack_from(view)[1]) if _has_header(view) else None


def received_ns(data: bytes) -> int | None:
    """When the record that begins ``data`` was received (Unix nanoseconds). None if the header is damaged."""
    view = memoryview(data)
    return int(_HEAD.unpack_from(view)[2]) if _has_header(view) else None


def _digest(signal: int, tenant: bytes, request: bytes | memoryview) -> bytes:
    # The length comes before the tenant, so that tenant "a" with "bc" differs from tenant "ab" with "c".
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
    envelope = _envelope(rest[:size])
    if envelope is None:
        return Damage(base + at, base + at + size, "damaged record body", torn=False)
    return Record(base + at + size, envelope, _HEAD.unpack_from(rest)[5])


def _no_header(rest: memoryview, start: int, end: int) -> Damage:
    # A file system that had made the file longer, but not yet written the data, leaves zeros after a power cut.
    if not any(rest):
        return Damage(start, end, "blank space where a record should be", torn=True)
    if len(rest) < HEADER_BYTES:
        return Damage(start, end, "cut off within a record header", torn=True)
    return Damage(start, end, "damaged record header", torn=False)


def _has_header(view: memoryview) -> bool:
    return (
        len(view) >= HEADER_BYTES
        and bytes(view[: len(_MAGIC)]) == _MAGIC
        and _CRC.unpack_from(view, _HEAD.size)[0] == crc32(view[: _HEAD.size])
    )


def _envelope(record: memoryview) -> Envelope | None:
    """The envelope of a record whose header is whole; None if the body is damaged."""
    _, _, received, number, tenant_bytes, expected = _HEAD.unpack_from(record)
    body = record[HEADER_BYTES:]
    tenant, request = bytes(body[:tenant_bytes]), bytes(body[tenant_bytes:])
    if number not in _SIGNAL or len(tenant) != tenant_bytes or _digest(number, tenant, request) != expected:
        return None
    return Envelope(tenant.decode(), received, request, _SIGNAL[number])
