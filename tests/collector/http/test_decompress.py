from __future__ import annotations

import gzip
import sys
import zlib

import pytest

from collector.errors import Refusal
from collector.http.decompress import decompress

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK = {"gzip": gzip.compress, "zstd": zstd.compress}


def refusal_of(body: bytes, encoding: str, limit: int) -> str:
    with pytest.raises(Refusal) as refused:
        decompress(body, encoding, limit)
    return refused.value.code


@pytest.mark.parametrize("encoding", PACK)
def test_a_body_may_fill_the_limit_exactly_and_not_one_byte_more(encoding):
    pack = PACK[encoding]
    packed = pack(b"a" * 1000)
    assert decompress(packed, encoding, 1000) == b"a" * 1000
    assert refusal_of(packed, encoding, 999) == "too_large"
    assert decompress(packed + pack(b"b"), encoding, 1001) == b"a" * 1000 + b"b"
    assert refusal_of(packed + pack(b"b"), encoding, 1000) == "too_large"
    assert decompress(pack(b""), encoding, 0) == b""


@pytest.mark.parametrize("encoding", PACK)
@pytest.mark.parametrize("spoil", [lambda packed: b"plain", lambda packed: packed[:-3], lambda packed: b""])
def test_a_truncated_body_is_refused(encoding, spoil):
    assert refusal_of(spoil(PACK[encoding](b"whole" * 20)), encoding, 1000) == "invalid_data"


@pytest.mark.parametrize("encoding", PACK)
def test_endless_empty_parts_are_refused(encoding):
    assert refusal_of(PACK[encoding](b"") * 10_000, encoding, 1000) == "invalid_data"


def test_skippable_frames_of_zstd_are_passed_over():
    skippable = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"any"
    assert decompress(skippable + zstd.compress(b"data"), "zstd", 100) == b"data"


def test_a_frame_that_needs_a_huge_window_is_refused_unread():
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.compression_level: 1}
    compressor = zstd.ZstdCompressor(options=options)
    packed = compressor.compress(b"a" * 100) + compressor.flush()
    assert refusal_of(packed, "zstd", 1000) == "invalid_data"


def test_another_encoding_is_unsupported_and_none_is_as_good_as_identity():
    assert refusal_of(zlib.compress(b"x"), "deflate", 1000) == "unsupported_media_type"
    assert decompress(b"x", "", 1000) == decompress(b"x", "identity", 1000) == b"x"
