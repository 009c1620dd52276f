"""The few bytes of protobuf's wire format that an import writes by hand."""

from __future__ import annotations

import struct
from typing import Final

_SMALL: Final = tuple(bytes((number,)) for number in range(0x80))
_TAGS: Final = tuple(bytes((number << 3 | 2,)) for number in range(16))
"""Of fields 0 to 15; no other is written here."""


def varint(number: int) -> bytes:
    """An unsigned integer, or a length."""
    if number < 0x80:
        return number.to_bytes(1, "big")
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, body: bytes) -> bytes:
    """A field of bytes, text or a message."""
    size = len(body)
    return _TAGS[number] + (_SMALL[size] if size < 0x80 else varint(size)) + body


def fixed64(number: int, value: int) -> bytes:
    """A field of eight bytes."""
    return varint(number << 3 | 1) + struct.pack("<Q", value)
