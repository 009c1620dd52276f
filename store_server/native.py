"""Blocks in the format Native as a client of a protocol version reads them.

A client that says its version expects a *block info* before each block and, from 54454 on, a byte after each column's
type that says how the column is serialised. The embedded engine writes neither. Its format ``Buffers`` has the bytes of
each column with their length, so the blocks can be put together without reading a value.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Field 1, no overflow rows; field 2, bucket -1; no more fields.
_BLOCK_INFO: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"
_DEFAULT_SERIALIZATION: Final = b"\x00"
_WITH_SERIALIZATION: Final = 54454
_COUNTS: Final = struct.Struct("<QQ")
_SIZE: Final = struct.Struct("<Q")

Column = tuple[str, str]
"""A name and a type."""


class Blocks:
    """Takes an answer in the format Buffers piece by piece, and gives it as Native for ``revision``."""

    def __init__(self, columns: Iterable[Column], revision: int) -> None:
        serialization = _DEFAULT_SERIALIZATION if revision >= _WITH_SERIALIZATION else b""
        self._heads = [_text(name) + _text(kind) + serialization for name, kind in columns]
        self._info = _BLOCK_INFO if revision else b""
        self._held = bytearray()

    def take(self, piece: bytes) -> bytes:
        """The blocks that ``piece`` completes."""
        self._held += piece
        blocks = []
        while (sizes := self._sizes()) is not None:
            blocks.append(self._block(sizes))
        return b"".join(blocks)

    def _sizes(self) -> list[tuple[int, int]] | None:
        """Where each column of the next block begins and ends; None while it is not all there."""
        if len(self._held) < _COUNTS.size:
            return None
        columns, at = _COUNTS.unpack_from(self._held)[0], _COUNTS.size
        places = []
        for _ in range(columns):
            if len(self._held) < at + _SIZE.size:
                return None
            begin = at + _SIZE.size
            at = begin + _SIZE.unpack_from(self._held, at)[0]
            places.append((begin, at))
        return places if len(self._held) >= at else None

    def _block(self, places: list[tuple[int, int]]) -> bytes:
        columns, rows = _COUNTS.unpack_from(self._held)
        pieces = [self._info, _number(columns), _number(rows)]
        for head, (begin, end) in zip(self._heads, places, strict=True):
            pieces += [head, bytes(self._held[begin:end])]
        del self._held[: places[-1][1] if places else _COUNTS.size]
        return b"".join(pieces)


def columns_of(native: bytes, buffers: bytes) -> list[Column]:
    """The columns of an answer of one block, that is there in both formats: where they begin is told by ``buffers``."""
    columns, rows = _COUNTS.unpack_from(buffers) if buffers else (0, 0)
    at, place = len(_number(columns)) + len(_number(rows)), _COUNTS.size
    names_and_types = []
    for _ in range(columns):
        name, at = _read_text(native, at)
        kind, at = _read_text(native, at)
        size = _SIZE.unpack_from(buffers, place)[0]
        at, place = at + size, place + _SIZE.size + size
        names_and_types.append((name, kind))
    return names_and_types


def _text(text: str) -> bytes:
    data = text.encode()
    return _number(len(data)) + data


def _read_text(data: bytes, at: int) -> tuple[str, int]:
    length = shift = 0
    while True:
        byte = data[at]
        at, length, shift = at + 1, length | (byte & 127) << shift, shift + 7
        if byte < 128:
            return data[at : at + length].decode(), at + length


def _number(value: int) -> bytes:
    """A number in seven bits a byte, the lowest first."""
    data = bytearray()
    while value > 127:
        data.append(value & 127 | 128)
        value >>= 7
    return bytes([*data, value])


def taken(pieces: Iterator[bytes], blocks: Blocks) -> Iterator[bytes]:
    """The pieces of an answer in the format Buffers as Native."""
    for piece in pieces:
        block = blocks.take(piece)
        if block:
            yield block
