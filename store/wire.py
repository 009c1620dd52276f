"""The small part of protobuf's wire format that is written and read by hand."""

from __future__ import annotations

import struct
from typing import Final

# An import writes about a hundred fields for each event, so short values are made once.
_BYTES: Final = tuple(bytes((number,)) for number in range(0x80))


def varint(number: int) -> bytes:
    """``number`` as protobuf writes a length or an unsigned integer."""
    if number < 0x80:
        return _BYTES[number]
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def varint_at(data: bytes, position: int) -> int:
    """The number that begins at ``position``; of a truncated one, the value of the bytes there are."""
    number = shift = 0
    for byte in data[position : position + 10]:
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return number


def field(number: int, body: bytes) -> bytes:
    """A field of bytes, text or a message."""
    return varint(number << 3 | 2) + varint(len(body)) + body


def fixed64(number: int, value: int) -> bytes:
    """A field of eight bytes."""
    return varint(number << 3 | 1) + struct.pack("<Q", value)
