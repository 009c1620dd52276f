"""Decompresses bodies up to a limit, so that a small body cannot fill the memory."""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Any, Final

from collector.errors import Refusal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

_GZIP: Final = 16 + zlib.MAX_WBITS
_ZSTD_WINDOW_LOG: Final = 23
"""8 MiB, the largest window allowed over HTTP (RFC 9659). A frame that needs more is refused without being read."""

_PARTS: Final = 64
"""Gzip members or zstd frames of one body. OTLP senders send one, and endless empty ones would only cost time."""

ENCODINGS: Final = ("identity", "gzip", "zstd")
"""The encodings that ``decompress`` accepts. No encoding means ``identity``."""


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Decompress ``body``. Raises Refusal.

    ``too_large`` beyond ``limit`` bytes, ``invalid_data`` if the body does not have this encoding,
    ``unsupported_media_type`` for an encoding that is not in ``ENCODINGS``.
    """
    if encoding == "gzip":
        return _all_parts(body, limit, encoding, lambda: zlib.decompressobj(_GZIP))
    if encoding == "zstd":
        options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW_LOG}
        return _all_parts(body, limit, encoding, lambda: zstd.ZstdDecompressor(options=options))
    expect_encoding(encoding)
    return body


def expect_encoding(encoding: str) -> None:
    """Raise Refusal ``unsupported_media_type`` unless ``decompress`` accepts ``encoding``."""
    if encoding and encoding not in ENCODINGS:
        message = f"The encoding {encoding[:40]!r} is not supported."
        raise Refusal("unsupported_media_type", message, "Send gzip, zstd or none.")


def too_large(limit: int, where: str = "") -> Refusal:
    """The refusal of a body larger than ``limit`` bytes."""
    return Refusal(
        "too_large",
        f"The request body is larger than {limit} bytes{where}.",
        "Send smaller batches, or raise the collector's setting max_request_bytes.",
    )


def _all_parts(body: bytes, limit: int, encoding: str, decompressor: Callable[[], Any]) -> bytes:
    parts: list[bytes] = []
    left = limit
    rest = body
    for _ in range(_PARTS):
        part, rest = _first_part(rest, left, encoding, decompressor())
        parts.append(part)
        left -= len(part)
        if not rest:
            return b"".join(parts)
    raise Refusal("invalid_data", f"The {encoding} body has more than {_PARTS} parts.", "Compress it as one part.")


def _first_part(body: bytes, limit: int, encoding: str, decompressor: Any) -> tuple[bytes, bytes]:
    """The content of the first gzip member or zstd frame, and the bytes after it."""
    try:
        # One byte more than allowed: it distinguishes "exactly full" from "too large", and 0 would mean no limit.
        content: bytes = decompressor.decompress(body, limit + 1)
    except (zlib.error, zstd.ZstdError) as error:
        raise Refusal("invalid_data", f"The body is not {encoding}: {error}.", "Check Content-Encoding.") from None
    if len(content) > limit:
        raise too_large(limit, " after decompression")
    if not decompressor.eof:
        raise Refusal("invalid_data", f"The {encoding} body ends too early.", "Send the whole compressed body.")
    return content, decompressor.unused_data
