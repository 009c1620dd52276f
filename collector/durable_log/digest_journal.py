"""The digests of requests whose log files were deleted, so that they are still known after a restart.

A file is a sequence of frames, each with a checksum; it ends at the first frame that is not whole. A new file begins
after a restart and when one is full. A file is deleted when all of its digests are too old.
"""

from __future__ import annotations

import logging
import os
import struct
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from collector.durable_log.record import DIGEST_BYTES
from collector.files import private_directory, private_opener, sync_directory
from common.units import MIB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_LOG = logging.getLogger(__name__)

_SUFFIX: Final = ".digests"
_MAGIC: Final = b"FTD1"
_FRAME: Final = struct.Struct("<4sQI")  # magic, newest time in it, digests; then the digests, then the CRC of all
_CRC: Final = struct.Struct("<I")
_FILE_BYTES: Final = MIB


class Frame(NamedTuple):
    """Digests in journal file ``file``, the newest of which came at ``newest_ns`` (Unix nanoseconds)."""

    file: int
    newest_ns: int
    digests: tuple[bytes, ...]


class DigestJournal:
    """The journal in ``directory``. Not thread-safe."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        private_directory(directory)
        self._number = max(self._numbers(), default=0) + 1
        self._size = 0

    def read(self) -> Iterator[Frame]:
        """Every whole frame, oldest first."""
        for number in self._numbers():
            yield from _frames(number, self._path(number).read_bytes())

    def append(self, groups: Iterable[tuple[int, Sequence[bytes]]]) -> int:
        """Write groups of (newest time, digests). Returns the number of their file once they are on disk.

        Raises OSError. After that a new file begins, because nothing behind a damaged frame could be read.
        """
        data = b"".join(_encode(newest_ns, digests) for newest_ns, digests in groups)
        if self._size and self._size + len(data) > _FILE_BYTES:
            self._begin_file()
        is_new_file = not self._size
        try:
            with open(self._path(self._number), "ab", opener=private_opener) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self._begin_file()
            raise
        if is_new_file:
            sync_directory(self._directory)
        self._size += len(data)
        return self._number

    def drop_before(self, number: int) -> None:
        """Delete the files before ``number``, which are not needed any more."""
        for old in self._numbers():
            if old < min(number, self._number):
                self._path(old).unlink(missing_ok=True)

    @property
    def end(self) -> int:
        """The number of the file that is written next."""
        return self._number

    def _begin_file(self) -> None:
        self._number += 1
        self._size = 0

    def _numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self._directory.glob(f"*{_SUFFIX}") if path.stem.isdigit())

    def _path(self, number: int) -> Path:
        return self._directory / f"{number:012d}{_SUFFIX}"


def _encode(newest_ns: int, digests: Sequence[bytes]) -> bytes:
    frame = _FRAME.pack(_MAGIC, newest_ns, len(digests)) + b"".join(digests)
    return frame + _CRC.pack(crc32(frame))


def _frames(number: int, data: bytes) -> Iterator[Frame]:
    at = 0
    while at + _FRAME.size + _CRC.size <= len(data):
        magic, newest_ns, count = _FRAME.unpack_from(data, at)
        body, end = at + _FRAME.size, at + _FRAME.size + count * DIGEST_BYTES
        whole = magic == _MAGIC and end + _CRC.size <= len(data)
        if not whole or _CRC.unpack_from(data, end)[0] != crc32(data[at:end]):
            break
        yield Frame(number, newest_ns, tuple(data[i : i + DIGEST_BYTES] for i in range(body, end, DIGEST_BYTES)))
        at = end + _CRC.size
    if at < len(data):
        _LOG.warning("Skipped %d bytes of an unfinished write in the journal of digests.", len(data) - at)
