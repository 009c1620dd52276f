"""Requests that come again: a client that never got its answer sends the same bytes once more.

What was taken within the window is known by its digest. The digests of what still lies in the log are read back from
it on a start; those of a log file that is deleted are written into a journal first.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from collector.durable_log.digest_journal import DigestJournal
from collector.durable_log.record import Record, scan
from collector.durable_log.segment import Position, read_at, segment_numbers, segment_path
from common.units import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

_LOG = logging.getLogger(__name__)

_BUCKETS: Final = 32
"""The window is forgotten in so many portions, by time and by entries."""

_JOURNAL: Final = "duplicates"


@dataclass(slots=True)
class _Bucket:
    """Digests that came between two times (Unix nanoseconds) and lie in one file of the log or of the journal."""

    oldest_ns: int
    newest_ns: int
    segment: int
    digests: list[bytes] = field(default_factory=list)
    journal: int = 0


class Duplicates:
    """What was taken within the last ``window_s`` seconds, but no more than ``entries`` requests. Thread-safe.

    Either is 0: nothing is known. ``clock`` gives Unix nanoseconds.
    """

    def __init__(self, directory: Path, window_s: float, entries: int, clock: Callable[[], int]) -> None:
        self._directory = directory
        self._window_ns = int(window_s * SECOND_NS)
        self._entries = entries if window_s else 0
        self._clock = clock
        self._lock = threading.Lock()
        self._known: set[bytes] = set()
        self._buckets: deque[_Bucket] = deque()
        self._spent: set[int] = set()
        self._journal = DigestJournal(directory / _JOURNAL)
        if self._entries:
            self._recover()
        self._tidy_journal()

    @property
    def enabled(self) -> bool:
        return self._entries > 0

    def __contains__(self, digest: bytes) -> bool:
        with self._lock:
            self._forget_old()
            return digest in self._known

    def __len__(self) -> int:
        """Requests known."""
        return len(self._known)

    def add(self, segment: int, digests: Iterable[bytes]) -> None:
        """Remember what was just written into file ``segment`` of the log."""
        if not self._entries:
            return
        with self._lock:
            now = self._clock()
            for digest in digests:
                self._add(digest, segment, now)
            self._forget_old()

    def save_before_delete(self, segments: Sequence[int]) -> None:
        """Write down what is known of these files of the log, which are deleted next.

        A disk that refuses does not stop the log from making room on it. It is tried again with the next files; a
        restart before that forgets those digests.
        """
        with self._lock:
            self._forget_old()
            self._spent.update(segments)
            leaving = [one for one in self._buckets if one.segment in self._spent and not one.journal]
            if not leaving:
                self._spent.clear()
                return
            try:
                number = self._journal.append([(one.newest_ns, one.digests) for one in leaving])
            except OSError as error:
                count = sum(len(one.digests) for one in leaving)
                _LOG.warning("A restart would not know %d stored requests if they came again: %s", count, error)
                return
            for bucket in leaving:
                bucket.journal = number
            self._spent.clear()

    def _add(self, digest: bytes, segment: int, time_ns: int) -> None:
        if digest in self._known:
            return
        last = self._buckets[-1] if self._buckets else None
        if last is None or self._is_full(last, segment, time_ns):
            last = _Bucket(time_ns, time_ns, segment)
            self._buckets.append(last)
        last.newest_ns = max(last.newest_ns, time_ns)
        last.digests.append(digest)
        self._known.add(digest)

    def _is_full(self, bucket: _Bucket, segment: int, time_ns: int) -> bool:
        return (
            bucket.segment != segment
            or bucket.journal > 0
            or time_ns - bucket.oldest_ns > self._window_ns // _BUCKETS
            or len(bucket.digests) >= max(1, self._entries // _BUCKETS)
        )

    def _forget_old(self) -> None:
        limit = self._clock() - self._window_ns
        gone = False
        while self._buckets and (self._buckets[0].newest_ns < limit or len(self._known) > self._entries):
            self._known.difference_update(self._buckets.popleft().digests)
            gone = True
        if gone:
            self._tidy_journal()

    def _tidy_journal(self) -> None:
        """Files of the journal are deleted in order, so the oldest that is still needed keeps those behind it."""
        needed = min((one.journal for one in self._buckets if one.journal), default=None)
        try:
            self._journal.drop_before(needed if needed is not None else self._journal.end)
        except OSError as error:
            _LOG.warning("An old file of the journal of digests cannot be deleted: %s", error)

    # What follows is used on opening.

    def _recover(self) -> None:
        limit = self._clock() - self._window_ns
        for frame in self._journal.read():
            if frame.newest_ns >= limit:
                bucket = _Bucket(frame.newest_ns, frame.newest_ns, 0, list(frame.digests), frame.file)
                self._buckets.append(bucket)
                self._known.update(frame.digests)
        for number in segment_numbers(self._directory):
            path = segment_path(self._directory, number)
            if path.stat().st_mtime_ns >= limit:
                self._read_back(number, limit)
        self._forget_old()

    def _read_back(self, number: int, limit: int) -> None:
        data = read_at(self._directory, Position(number, 0), segment_path(self._directory, number).stat().st_size)
        for found in scan(data):
            if isinstance(found, Record) and found.envelope.received_ns >= limit:
                self._add(found.digest, number, found.envelope.received_ns)
