"""A segment: one file of the durable log."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX: Final = ".log"
_DIGITS: Final = 16


class Position(NamedTuple):
    """A place in the log: the number of the segment and the offset in it. Positions compare in the order of the log."""

    segment: int
    offset: int


class Segment(Protocol):
    """What the log needs of a file that it writes. Every method raises OSError if the disk fails."""

    def write(self, data: bytes, offset: int) -> None: ...
    def sync(self) -> None: ...
    def truncate(self, size: int) -> None: ...
    def close(self) -> None: ...


class FileSegment:
    """A segment in a new file. The file must not exist yet."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, data: bytes, offset: int) -> None:
        """Write all of ``data`` at ``offset``."""
        view = memoryview(data)
        while view:  # the kernel may write less than it was asked to
            written = os.pwrite(self._fd, view, offset)
            view = view[written:]
            offset += written

    def sync(self) -> None:
        """Return once everything that was written survives a power cut."""
        os.fdatasync(self._fd)  # enough: it also writes the size of the file, which is needed to read the data

    def truncate(self, size: int) -> None:
        os.ftruncate(self._fd, size)

    def close(self) -> None:
        os.close(self._fd)


def segment_path(directory: Path, number: int) -> Path:
    return directory / f"{number:0{_DIGITS}d}{SUFFIX}"


def segment_numbers(directory: Path) -> list[int]:
    """The numbers of the segments in ``directory``, oldest first."""
    return sorted(int(path.stem) for path in directory.glob(f"*{SUFFIX}") if path.stem.isdigit())


def read_at(directory: Path, start: Position, size: int) -> bytes:
    """Up to ``size`` bytes of a segment from ``start`` on."""
    with segment_path(directory, start.segment).open("rb") as file:
        file.seek(start.offset)
        return file.read(size)
