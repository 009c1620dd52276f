"""Compression of bodies: HTTP's encodings, and the blocks of ClickHouse's own that ``compress=1`` asks for."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any, Final, Protocol

import lz4.block
import lz4.frame
from backports import zstd
from clickhouse_cityhash.cityhash import CityHash128

if TYPE_CHECKING:
    from collections.abc import Callable

_LZ4, _ZSTD, _NONE = 0x82, 0x90, 0x02
_HEAD: Final = struct.Struct("<BII")
_CHECKSUM: Final = 16
_BLOCK: Final = 1 << 20
_HALF: Final = (1 << 64) - 1


class Compressor(Protocol):
    """Bytes in, bytes out, and what was held back at the end."""

    def compress(self, data: bytes, /) -> bytes:
        """Take a piece."""

    def flush(self) -> bytes:
        """End the stream."""


class _Lz4Frames:
    """The lz4 library begins a frame by a call of its own."""

    def __init__(self) -> None:
        self._inner = lz4.frame.LZ4FrameCompressor()
        self._begun = False

    def compress(self, data: bytes, /) -> bytes:
        head = b"" if self._begun else self._inner.begin()
        self._begun = True
        return head + bytes(self._inner.compress(data))

    def flush(self) -> bytes:
        head = b"" if self._begun else self._inner.begin()
        return head + bytes(self._inner.flush())


class Blocks:
    """ClickHouse's own framing: checksum, method, sizes, a block compressed by ``method`` (LZ4, LZ4HC, ZSTD, NONE)."""

    def __init__(self, method: str = "LZ4") -> None:
        self._number, self._pack = _PACKERS[method]

    def compress(self, data: bytes, /) -> bytes:
        return b"".join(self._block(data[start : start + _BLOCK]) for start in range(0, len(data), _BLOCK))

    def _block(self, data: bytes) -> bytes:
        packed = self._pack(data)
        block = _HEAD.pack(self._number, _HEAD.size + len(packed), len(data)) + packed
        return _checksum(block) + block

    def flush(self) -> bytes:
        return b""


class Plain:
    """No compression."""

    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


_COMPRESSORS: Final[dict[str, Callable[[], Any]]] = {
    "lz4": _Lz4Frames,
    "zstd": lambda: zstd.ZstdCompressor(level=1),
    "gzip": lambda: zlib.compressobj(3, zlib.DEFLATED, 16 + zlib.MAX_WBITS),
    "deflate": lambda: zlib.compressobj(3),
}
_OPENERS: Final[dict[str, Callable[[], Any]]] = {
    "lz4": lz4.frame.LZ4FrameDecompressor,
    "zstd": zstd.ZstdDecompressor,
    "gzip": lambda: zlib.decompressobj(16 + zlib.MAX_WBITS),
    "deflate": zlib.decompressobj,
}


def accepted(header: str) -> str | None:
    """The first encoding of an Accept-Encoding header that is known here."""
    offered = (part.split(";")[0].strip() for part in header.split(","))
    return next((encoding for encoding in offered if encoding in _COMPRESSORS), None)


def compressor(encoding: str | None) -> Compressor:
    made: Compressor = _COMPRESSORS[encoding]() if encoding else Plain()
    return made


def decompressed(encoding: str, body: bytes, limit: int) -> bytes:
    """``body`` opened. Raises ValueError for an unknown encoding, damaged bytes, or more than ``limit`` bytes."""
    if encoding in ("", "identity"):
        return body
    opener = _OPENERS.get(encoding)
    if opener is None:
        raise ValueError(f"Unknown content encoding {encoding}.")
    opened = bytearray()
    while body:  # one frame after the other
        frame = opener()
        try:
            opened += frame.decompress(body, max(limit + 1 - len(opened), 1))
        except Exception as error:  # each library has errors of its own
            raise ValueError(f"The body is not {encoding}: {error}.") from error
        if len(opened) > limit:
            raise ValueError(f"The body is larger than {limit:,} bytes once it is decompressed.")
        if not frame.eof:
            raise ValueError(f"The body is not {encoding}: it is cut off.")
        body = frame.unused_data
    return bytes(opened)


def blocks_opened(body: bytes, limit: int) -> bytes:
    """What ``decompress=1`` announces: blocks of ClickHouse's own. Raises ValueError for damaged ones, or too much."""
    opened, at = bytearray(), 0
    while at < len(body):
        if len(body) < at + _CHECKSUM + _HEAD.size:
            raise ValueError("The last compressed block is cut off.")
        method, size, raw = _HEAD.unpack_from(body, at + _CHECKSUM)
        block = body[at + _CHECKSUM : at + _CHECKSUM + size]
        if len(opened) + raw > limit:
            raise ValueError(f"The body is larger than {limit:,} bytes once it is decompressed.")
        if size < _HEAD.size or len(block) != size or _checksum(block) != body[at : at + _CHECKSUM]:
            raise ValueError("The checksum of a compressed block is wrong.")
        opened += _unpacked(method, block[_HEAD.size :], raw)
        at += _CHECKSUM + size
    return bytes(opened)


def _unpacked(method: int, data: bytes, raw: int) -> bytes:
    if method not in _UNPACKERS:
        raise ValueError(f"Blocks compressed by method {method:#x} are not read here.")
    try:
        piece = _UNPACKERS[method](data, raw)
    except Exception as error:  # each library has errors of its own
        raise ValueError(f"A compressed block is damaged: {error}.") from error
    if len(piece) != raw:
        raise ValueError("A compressed block has another length than it says.")
    return piece


def _lz4(data: bytes) -> bytes:
    return bytes(lz4.block.compress(data, store_size=False))


_PACKERS: Final[dict[str, tuple[int, Callable[[bytes], bytes]]]] = {
    "LZ4": (_LZ4, _lz4),
    "LZ4HC": (_LZ4, _lz4),
    "ZSTD": (_ZSTD, lambda data: bytes(zstd.compress(data, level=1))),
    "NONE": (_NONE, lambda data: data),
}
_UNPACKERS: Final[dict[int, Callable[[bytes, int], bytes]]] = {
    _LZ4: lambda data, raw: bytes(lz4.block.decompress(data, uncompressed_size=raw)),
    _ZSTD: lambda data, raw: bytes(zstd.ZstdDecompressor().decompress(data, raw + 1)),
    _NONE: lambda data, _: data,
}


def _checksum(block: bytes) -> bytes:
    number = CityHash128(block)
    return struct.pack("<QQ", number >> 64, number & _HALF)
