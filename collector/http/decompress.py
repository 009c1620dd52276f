"""Compressed bodies with a limit: a small body must not become a large one in memory."""

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
"""8 MiB, the largest window a sender may use over HTTP (RFC 9659); a frame that asks for more is refused unread."""

_PARTS: Final = 64
"""Members of gzip and frames of zstd may be strung together; no OTLP sender does, and endless empty ones cost time."""

ENCODINGS: Final = ("identity", "gzip", "zstd")
"""What ``decompress`` takes; nothing at all is ``identity``."""


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Undo the content encoding of ``body``. Raises Refusal.

    ``too_large`` beyond ``limit`` bytes, ``invalid_data`` if the body is not what it says, ``unsupported_media_type``
    for another encoding than ``ENCODINGS``.
    """
    if encoding == "gzip":
        return _all_parts(body, limit, encoding, lambda: zlib.decompressobj(_GZIP))
    if encoding == "zstd":
        options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW_LOG}
        return _all_parts(body, limit, encoding, lambda: zstd.ZstdDecompressor(options=options))
    expect_encoding(encoding)
    return body


def expect_encoding(encoding: str) -> None:
    """Raise Refusal ``unsupported_media_type`` unless ``decompress`` takes ``encoding``."""
    if encoding and encoding not in ENCODINGS:
        message = f"The encoding {encoding[:40]!r} is not supported."
        raise Refusal("unsupported_media_type", message, "Send gzip, zstd or none.")


def too_large(limit: int, where: str = "") -> Refusal:
    """The refusal of a body beyond ``limit`` bytes."""
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
    raise Refusal("invalid_data", f"The {encoding} body has more than {_PARTS} parts.", "Compress the body in one go.")


def _first_part(body: bytes, limit: int, encoding: str, decompressor: Any) -> tuple[bytes, bytes]:
    """The content of the first member or frame and the bytes behind it."""
    try:
        # One byte more than allowed tells "exactly full" from "too large"; 0 would mean no limit.
        content: bytes = decompressor.decompress(body, limit + 1)
    except (zlib.error, zstd.ZstdError) as error:
        raise Refusal("invalid_data", f"The body is not {encoding}: {error}.", "Check Content-Encoding.") from None
    if len(content) > limit:
        raise too_large(limit, " after decompression")
    if not decompressor.eof:
        raise Refusal("invalid_data", f"The {encoding} body ends too early.", "Send the whole compressed body.")
    return content, decompressor.unused_data
