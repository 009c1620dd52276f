"""The durable log: what is appended here survives ``kill -9`` and a power cut.

Append-only files in one directory. One thread appends (the committer), one reads and releases (the writer). The reader
sees only bytes whose fsync has returned. The bytes of a failed append are cut off before the next append.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final

from collector.durable_log.backlog_age import BacklogAge
from collector.durable_log.record import HEADER_BYTES, Damage, Record, encode, record_bytes, scan, whole_bytes
from collector.durable_log.recovery import received_times, recover
from collector.durable_log.segment import FileSegment, Position, Segment, read_at, segment_path
from collector.errors import LogFailed
from collector.files import sync_directory
from common.units import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from store.intake import Envelope

_LOG = logging.getLogger(__name__)

_PROBE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole records between two positions of one segment, and the damage found among them."""

    start: Position
    end: Position
    envelopes: tuple[Envelope, ...]
    damages: tuple[Damage, ...]


@dataclass(frozen=True, slots=True)
class LogHooks:
    """What the log needs from outside.

    ``open_segment`` creates a file to write to. ``on_sync`` gets the seconds that each fsync took, ``before_delete``
    the numbers of the files that are deleted next. ``clock`` returns Unix nanoseconds.
    """

    open_segment: Callable[[Path], Segment] = FileSegment
    on_sync: Callable[[float], None] = field(default=lambda _seconds: None)
    before_delete: Callable[[Sequence[int]], None] = field(default=lambda _numbers: None)
    clock: Callable[[], int] = time.time_ns


class DurableLog:
    """The log in ``directory`` from ``start`` on. Everything before ``start`` is stored and may be deleted."""

    def __init__(self, directory: Path, start: Position, *, segment_bytes: int, hooks: LogHooks | None = None) -> None:
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._hooks = hooks or LogHooks()
        self._changed = threading.Condition()
        self._woken = False
        self._active: Segment | None = None
        self._unclean = False
        self._released = start
        recovered = recover(directory, start, self._hooks.before_delete)
        self.torn_bytes = recovered.torn_bytes
        """Bytes of unfinished writes that were cut off when the log was opened."""
        self._ends = recovered.ends
        self._backlog_age = BacklogAge()
        times = received_times(directory, start, self._ends)
        for number, end in self._ends.items():
            self._backlog_age.add(Position(number, end), times.get(number, self._hooks.clock()))
        self._pending = sum(self._ends.values()) - (start.offset if start.segment in self._ends else 0)
        self._number = max([start.segment, *self._ends])

    @property
    def pending_bytes(self) -> int:
        """Bytes acknowledged and not yet released."""
        return self._pending

    @property
    def end(self) -> Position:
        """The end of the log. The next record lies there or, if it needs a new file, later."""
        with self._changed:
            return Position(self._number, self._ends.get(self._number, 0))

    @property
    def failed(self) -> bool:
        """Whether bytes of a failed append are still on disk because it cannot even be cut off."""
        return self._unclean

    def append(self, envelopes: Sequence[Envelope], digests: Sequence[bytes] | None = None) -> int:
        """Write ``envelopes`` and return once all are on disk. Raises LogFailed; then nothing of them is in the log.

        ``digests``: the results of ``record.digest``, if they are known already. Returns the number of the file.
        """
        data = b"".join(chain.from_iterable(map(encode, envelopes, digests or repeat(None))))
        try:
            self._clean()
            segment, offset = self._room_for(len(data))
            segment.write(data, offset)
            self._sync(segment)
        except OSError as error:
            self._undo()
            raise _failed(error) from error
        # Only now, after the fsync, may the reader see the bytes.
        with self._changed:
            self._ends[self._number] = offset + len(data)
            self._pending += len(data)
            self._backlog_age.add(Position(self._number, offset + len(data)), self._hooks.clock())
            self._changed.notify_all()
        return self._number

    def probe(self) -> None:
        """Raise LogFailed unless the disk accepts a write now. Writes a file beside the log and deletes it."""
        path = self._directory / "probe"
        try:
            self._clean()
            path.unlink(missing_ok=True)
            segment = self._hooks.open_segment(path)
            try:
                segment.write(bytes(_PROBE_BYTES), 0)
                segment.sync()
            finally:
                segment.close()
                path.unlink()
        except OSError as error:
            raise _failed(error) from error

    def wait(self, pending_bytes: int, timeout_s: float | None) -> None:
        """Return when ``pending_bytes`` are pending, the time is over, or ``wake`` was called."""
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._pending >= pending_bytes, timeout_s)

    def wake(self) -> None:
        """End every ``wait``, now and from now on."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def read_next(self, max_bytes: int) -> Batch | None:
        """The records after the last release: as many as fit into ``max_bytes``, but at least one.

        None if there are none. A batch lies within one file.
        """
        start, stop = self._next_place()
        if start.offset >= stop:
            return None
        size = min(max_bytes, stop - start.offset)
        whole = whole_bytes(read_at(self._directory, start, size))
        if whole == 0:
            first = record_bytes(read_at(self._directory, start, HEADER_BYTES))
            # Behind a damaged header the next record cannot be found, so the rest of the file is one batch.
            whole = stop - start.offset if first is None else min(first, stop - start.offset)
        return self.read(start, Position(start.segment, start.offset + whole))

    def read(self, start: Position, end: Position) -> Batch:
        """The records between two positions of one segment."""
        parts = list(scan(read_at(self._directory, start, end.offset - start.offset), start.offset))
        envelopes = tuple(part.envelope for part in parts if isinstance(part, Record))
        return Batch(start, end, envelopes, tuple(part for part in parts if isinstance(part, Damage)))

    def read_bytes(self, segment: int, damage: Damage) -> bytes:
        """The bytes of a damaged place."""
        return read_at(self._directory, Position(segment, damage.start), damage.end - damage.start)

    def release(self, batch: Batch) -> None:
        """Release everything up to the end of ``batch``. Files that hold nothing else are deleted."""
        with self._changed:
            self._released = batch.end
            self._pending -= batch.end.offset - batch.start.offset
            self._backlog_age.release(batch.end)
            spent = [number for number in self._ends if self._is_spent(number)]
            for number in spent:
                del self._ends[number]
        # Outside the lock: both wait for the disk, and append must not wait for them.
        if spent:
            self._hooks.before_delete(spent)
        for number in spent:
            segment_path(self._directory, number).unlink(missing_ok=True)

    def oldest_age_s(self) -> float:
        """Seconds for which the oldest pending record has been waiting; 0 if nothing is pending."""
        with self._changed:
            since_ns = self._backlog_age.oldest_ns
        return 0.0 if since_ns is None else max(0.0, (self._hooks.clock() - since_ns) / SECOND_NS)

    def close(self) -> None:
        """Close the file. Only after the last append."""
        if self._active is not None:
            self._active.close()
            self._active = None

    # Used by append.

    def _room_for(self, size: int) -> tuple[Segment, int]:
        used = self._ends.get(self._number, 0)
        # An empty segment takes any size: a group larger than a segment has to go somewhere.
        if self._active is not None and used and used + size > self._segment_bytes:
            self.close()
        if self._active is None:
            self._number += 1
            self._active = self._hooks.open_segment(segment_path(self._directory, self._number))
            sync_directory(self._directory)
            used = 0
        return self._active, used

    def _sync(self, segment: Segment) -> None:
        began = time.perf_counter()
        segment.sync()
        self._hooks.on_sync(time.perf_counter() - began)

    def _undo(self) -> None:
        self._unclean = self._active is not None
        try:
            self._clean()
        except OSError as error:
            _LOG.error("The unfinished end of the log cannot be cut off yet: %s", error)

    def _clean(self) -> None:
        """Cut off the bytes of a failed append."""
        if not self._unclean or self._active is None:
            return
        size = self._ends.get(self._number, 0)
        self._active.truncate(size)
        self._active.sync()
        self._unclean = False
        # After a failed fsync nobody knows what the disk holds, so this file is never written to again.
        self.close()
        if not size:
            segment_path(self._directory, self._number).unlink(missing_ok=True)

    # Used by the reader.

    def _next_place(self) -> tuple[Position, int]:
        """The position of the next record, and the committed end of its file."""
        with self._changed:
            later = sorted(number for number in self._ends if number > self._released.segment)
            stop = self._ends.get(self._released.segment, 0)
            if self._released.offset < stop or not later:
                return self._released, stop
            return Position(later[0], 0), self._ends[later[0]]

    def _is_spent(self, number: int) -> bool:
        """Whether file ``number`` holds nothing that is pending, and nothing more will be written to it."""
        if number < self._released.segment:
            return True
        in_use = self._active is not None and number == self._number
        return number == self._released.segment and self._released.offset >= self._ends[number] and not in_use


def _failed(error: OSError) -> LogFailed:
    return LogFailed(os.strerror(error.errno) if error.errno else str(error))
