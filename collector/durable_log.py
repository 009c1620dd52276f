"""The durable log: what is appended here survives ``kill -9`` and a power cut.

Append-only files in one directory. One thread appends (the committer), one reads and releases (the writer). Only bytes
whose fsync returned are ever shown to the reader; bytes of a failed append are cut away before the next is written.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from collector.errors import LogFailed
from collector.record import PEEK_BYTES, Damage, Record, body_received_ns, encode, record_bytes, scan, whole_bytes
from collector.segment import FileSegment, Position, Segment, segment_numbers, segment_path, sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from store.intake import Envelope

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole records between two positions of one segment, and the damage found among them."""

    start: Position
    end: Position
    envelopes: tuple[Envelope, ...]
    damages: tuple[Damage, ...]


class DurableLog:
    """The log in ``directory`` from ``start`` on; everything before ``start`` is stored and may be deleted.

    ``open_segment`` makes a file to write to; ``on_sync`` is told the seconds each fsync took.
    """

    def __init__(
        self,
        directory: Path,
        start: Position,
        *,
        segment_bytes: int,
        open_segment: Callable[[Path], Segment] = FileSegment,
        on_sync: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._open_segment = open_segment
        self._on_sync = on_sync
        self._changed = threading.Condition()
        self._woken = False
        self._active: Segment | None = None
        self._unclean = False
        self.torn_bytes = 0
        """Bytes of unfinished writes cut away when the log was opened."""
        self._done = start
        self._ends = self._recover(start)
        self._pending = sum(self._ends.values()) - (start.offset if start.segment in self._ends else 0)
        self._number = max([start.segment, *self._ends])

    @property
    def pending_bytes(self) -> int:
        """Bytes acknowledged and not yet released."""
        return self._pending

    @property
    def failed(self) -> bool:
        """Whether the end of the log is unclean because the disk refuses even to cut it back."""
        return self._unclean

    def append(self, envelopes: Sequence[Envelope]) -> None:
        """Write ``envelopes`` and return once all are on disk; raises LogFailed and leaves nothing of them behind."""
        data = b"".join(chain.from_iterable(map(encode, envelopes)))
        try:
            self._clean()
            segment, offset = self._room_for(len(data))
            segment.write(data, offset)
            self._sync(segment)
        except OSError as error:
            self._undo()
            raise LogFailed(os.strerror(error.errno) if error.errno else str(error)) from error
        with self._changed:
            self._ends[self._number] = offset + len(data)
            self._pending += len(data)
            self._changed.notify_all()

    def wait(self, pending_bytes: int, timeout_s: float | None) -> None:
        """Return when so many bytes are pending, the time is over, or ``wake`` was called."""
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._pending >= pending_bytes, timeout_s)

    def wake(self) -> None:
        """End every ``wait``, now and from now on."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def read_next(self, max_bytes: int) -> Batch | None:
        """The records behind the last release: as many as fit into ``max_bytes``, at least one; None if there are none.

        A batch never crosses from one file to the next.
        """
        start, stop = self._next_place()
        if start.offset >= stop:
            return None
        size = min(max_bytes, stop - start.offset)
        whole = whole_bytes(self._pread(start, size))
        if whole == 0:
            first = record_bytes(self._pread(start, PEEK_BYTES))
            # Behind a damaged header no record can be found again, so the rest of the file goes together.
            whole = stop - start.offset if first is None else min(first, stop - start.offset)
        return self.read(start, Position(start.segment, start.offset + whole))

    def read(self, start: Position, end: Position) -> Batch:
        """The records between two positions of one segment, as a plan names them."""
        found = list(scan(self._pread(start, end.offset - start.offset), start.offset))
        records = tuple(item.envelope for item in found if isinstance(item, Record))
        return Batch(start, end, records, tuple(item for item in found if isinstance(item, Damage)))

    def read_bytes(self, segment: int, damage: Damage) -> bytes:
        """The bytes of a damaged place."""
        return self._pread(Position(segment, damage.start), damage.end - damage.start)

    def release(self, batch: Batch) -> None:
        """Forget everything up to the end of ``batch``; files that hold nothing else are deleted."""
        with self._changed:
            self._done = batch.end
            self._pending -= batch.end.offset - batch.start.offset
            spent = [number for number in self._ends if self._is_spent(number)]
            for number in spent:
                del self._ends[number]
        for number in spent:
            segment_path(self._directory, number).unlink(missing_ok=True)

    def oldest_received_ns(self) -> int | None:
        """When the oldest pending record was received, Unix nanoseconds; None if nothing is pending."""
        start, stop = self._next_place()
        if start.offset >= stop:
            return None
        try:
            return body_received_ns(self._pread(start, PEEK_BYTES))
        except FileNotFoundError:  # released and deleted meanwhile
            return None

    def close(self) -> None:
        """Let go of the file; only after the last append."""
        if self._active is not None:
            self._active.close()
            self._active = None

    # What follows is used by append.

    def _room_for(self, size: int) -> tuple[Segment, int]:
        used = self._ends.get(self._number, 0)
        if self._active is not None and used and used + size > self._segment_bytes:
            self.close()
        if self._active is None:
            self._number += 1
            self._active = self._open_segment(segment_path(self._directory, self._number))
            sync_directory(self._directory)
            used = 0
        return self._active, used

    def _sync(self, segment: Segment) -> None:
        began = time.perf_counter()
        segment.sync()
        self._on_sync(time.perf_counter() - began)

    def _undo(self) -> None:
        self._unclean = self._active is not None
        try:
            self._clean()
        except OSError as error:
            _LOG.error("The unfinished end of the log cannot be cut back yet: %s", error)

    def _clean(self) -> None:
        """After a failed fsync nobody knows what the disk holds, so the file is cut back and never written to again."""
        if not self._unclean or self._active is None:
            return
        size = self._ends.get(self._number, 0)
        self._active.truncate(size)
        self._active.sync()
        self._unclean = False
        self.close()
        if not size:
            segment_path(self._directory, self._number).unlink(missing_ok=True)

    # What follows is used by the reader.

    def _next_place(self) -> tuple[Position, int]:
        """Where the next record lies and the committed end of that file."""
        with self._changed:
            later = sorted(number for number in self._ends if number > self._done.segment)
            stop = self._ends.get(self._done.segment, 0)
            if self._done.offset < stop or not later:
                return self._done, stop
            return Position(later[0], 0), self._ends[later[0]]

    def _is_spent(self, number: int) -> bool:
        if number < self._done.segment:
            return True
        in_use = self._active is not None and number == self._number
        return number == self._done.segment and self._done.offset >= self._ends[number] and not in_use

    def _pread(self, start: Position, size: int) -> bytes:
        with segment_path(self._directory, start.segment).open("rb") as file:
            file.seek(start.offset)
            return file.read(size)

    # What follows is used on opening.

    def _recover(self, start: Position) -> dict[int, int]:
        numbers = segment_numbers(self._directory)
        if numbers and numbers[-1] >= start.segment:
            self._cut_torn_tail(numbers[-1], start.offset if numbers[-1] == start.segment else 0)
        ends: dict[int, int] = {}
        for number in numbers:
            path = segment_path(self._directory, number)
            size = path.stat().st_size
            if number < start.segment or size <= (start.offset if number == start.segment else 0):
                path.unlink()
            else:
                ends[number] = size
        sync_directory(self._directory)
        return ends

    def _cut_torn_tail(self, number: int, offset: int) -> None:
        """Only the newest file can end in an unfinished write, and nobody was told that write was done."""
        path = segment_path(self._directory, number)
        found = deque(scan(self._pread(Position(number, offset), path.stat().st_size), offset), maxlen=1)
        last = found.pop() if found else None
        if not isinstance(last, Damage) or not last.torn:
            return
        with path.open("r+b") as file:
            file.truncate(last.start)
            os.fsync(file.fileno())
        self.torn_bytes = last.end - last.start
        _LOG.warning("Cut %d bytes of an unfinished write off %s (%s).", self.torn_bytes, path.name, last.reason)
