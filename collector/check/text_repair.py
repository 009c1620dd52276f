"""Texts that are not UTF-8: what cannot be read in them is replaced by U+FFFD, so that the rest of the request is kept.

Exporters cut long texts in the middle of a character, and drivers pass on bytes as they came. Protobuf and JSON both
demand UTF-8, so one such text makes a whole request unreadable, and a Collector in front puts many services into one
request. Refused with 400, it would be lost: senders do not try again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_DEPTH: Final = 100
"""Protobuf itself refuses more."""

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_MAX_VARINT_BYTES: Final = 10


class _Unreadable(ValueError):
    """Not protobuf. No text in it is to blame."""


def repaired_protobuf(body: bytes, message: Any) -> tuple[bytes, int]:
    """``body`` with every text in UTF-8, and how many texts were changed. ``message``: the descriptor of its type.

    Raises ValueError if the body is not protobuf at all. Unknown fields stay as they are.
    """
    repair = _Repair()
    return repair.message(body, message, 0), repair.texts


def repaired_text(body: bytes) -> str:
    """``body`` as text; each run of bytes that cannot be read is U+FFFD."""
    return body.decode("utf-8", "replace")


def without_surrogates(text: str) -> str:
    r"""``text`` with U+FFFD for each half of a character, which JSON's escapes can name alone (``"\ud83d"``)."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def repairs(texts: int) -> str:
    """What to tell the sender of so many repaired texts; '' for none."""
    return f"{texts} text(s): not UTF-8; what could not be read was replaced by U+FFFD" if texts else ""


class _Repair:
    """One body. ``texts``: how many were repaired."""

    def __init__(self) -> None:
        self.texts = 0

    def message(self, data: bytes, descriptor: Any, depth: int) -> bytes:
        if depth > _MAX_DEPTH:
            raise _Unreadable
        pieces = []
        for number, head, content in _fields(data):
            field = descriptor.fields_by_number.get(number)
            if content is None:
                pieces.append(head)
                continue
            mended = content if field is None else self._content(content, field, depth)
            pieces += (head, _varint(len(mended)), mended)
        return b"".join(pieces)

    def _content(self, content: bytes, field: Any, depth: int) -> bytes:
        if field.type == Field.TYPE_MESSAGE:
            # Only what protobuf, in C, cannot read is taken apart here: one span of a hundred thousand.
            return content if _is_readable(content, field) else self.message(content, field.message_type, depth + 1)
        if field.type == Field.TYPE_STRING:
            try:
                content.decode()
            except UnicodeDecodeError:
                self.texts += 1
                return repaired_text(content).encode()
        return content


def _is_readable(content: bytes, field: Any) -> bool:
    try:
        GetMessageClass(field.message_type).FromString(content)
    except DecodeError:
        return False
    return True


def _fields(data: bytes) -> Iterator[tuple[int, bytes, bytes | None]]:
    """The fields of a message: number, the bytes of its tag, and the content of a field with a length.

    For a field without a length, the second holds the whole field and the third is None.
    """
    at = 0
    while at < len(data):
        start = at
        tag, at = _read_varint(data, at)
        kind = tag & 7
        if kind == _LENGTH:
            head = data[start:at]
            size, at = _read_varint(data, at)
            end = at + size
            if end > len(data):
                raise _Unreadable
            yield tag >> 3, head, data[at:end]
        elif kind in (_VARINT, _FIXED64, _FIXED32):
            end = _read_varint(data, at)[1] if kind == _VARINT else at + (8 if kind == _FIXED64 else 4)
            if end > len(data):
                raise _Unreadable
            yield tag >> 3, data[start:end], None
        else:  # groups, which OTLP does not have
            raise _Unreadable
        at = end


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    for end in range(at, min(at + _MAX_VARINT_BYTES, len(data))):
        byte = data[end]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, end + 1
        shift += 7
    raise _Unreadable


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
