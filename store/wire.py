"""The few bytes of protobuf's wire format that are written and read by hand."""

from __future__ import annotations


def varint(number: int) -> bytes:
    """``number`` as protobuf writes a length or an unsigned integer."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def varint_at(data: bytes, position: int) -> int:
    """The number that begins at ``position``; what is cut short counts as far as it goes."""
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
