"""gzip with a limit: a small body must not become a large one in memory."""

from __future__ import annotations

import zlib
from typing import Final

from collector.errors import Refusal

_GZIP: Final = 16 + zlib.MAX_WBITS
_MEMBERS: Final = 64
"""gzip files may be strung together; no OTLP sender does it, and endless empty ones cost time."""


def gunzip(body: bytes, limit: int) -> bytes:
    """Decompress ``body``. Raises Refusal: ``too_large`` beyond ``limit`` bytes, ``invalid_data`` if it is not gzip."""
    parts: list[bytes] = []
    left = limit
    rest = body
    for _ in range(_MEMBERS):
        part, rest = _member(rest, left)
        parts.append(part)
        left -= len(part)
        if not rest:
            return b"".join(parts)
    raise Refusal("invalid_data", f"The gzip body has more than {_MEMBERS} members.", "Compress the body in one go.")


def too_large(limit: int, where: str = "") -> Refusal:
    return Refusal(
        "too_large",
        f"The request body is larger than {limit} bytes{where}.",
        "Send smaller batches, or raise the collector's setting max_request_bytes.",
    )


def _member(body: bytes, limit: int) -> tuple[bytes, bytes]:
    """The content of the first gzip member and the bytes behind it."""
    decompressor = zlib.decompressobj(_GZIP)
    try:
        # One byte more than allowed tells "exactly full" from "too large"; 0 would mean no limit.
        content = decompressor.decompress(body, limit + 1)
    except zlib.error as error:
        raise Refusal("invalid_data", f"The body is not gzip: {error}.", "Check Content-Encoding.") from None
    if len(content) > limit:
        raise too_large(limit, " after decompression")
    if not decompressor.eof:
        raise Refusal("invalid_data", "The gzip body ends too early.", "Send the whole compressed body.")
    return content, decompressor.unused_data
