"""Recognises requests that are sent again: a client that never got its answer sends the same bytes once more.

A request that was written within the window is known by its digest. After a start, the digests of requests that are
still in the log are read from it. The digests of a log file are written into a journal before the file is deleted.
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
"""The window is divided into so many buckets, by time and by entries. A whole bucket is forgotten at a time."""

_JOURNAL: Final = "duplicates"


@dataclass(slots=True)
class _Bucket:
    """Digests that came between two times (Unix nanoseconds) and are in one file of the log or of the journal.

    ``journal``: the number of the journal file, 0 while the digests are in the log.
    """

    oldest_ns: int
    newest_ns: int
    segment: int
    digests: list[bytes] = field(default_factory=list)
    journal: int = 0


class Duplicates:
    """The requests of the last ``window_s`` seconds, but at most ``entries``. Thread-safe.

    If either is 0, no request is known. ``clock`` returns Unix nanoseconds.
    """

    def __init__(self, directory: Path, window_s: float, entries: int, clock: Callable[[], int]) -> None:
        self._directory = directory
        self._window_ns = int(window_s * SECOND_NS)
        self._entries = entries if window_s else 0
        self._clock = clock
        self._lock = threading.Lock()
        self._known: set[bytes] = set()
        self._buckets: deque[_Bucket] = deque()
        self._unsaved: set[int] = set()
        """Deleted log files whose digests are not in the journal yet."""
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
        """The number of known requests."""
        return len(self._known)

    def add(self, segment: int, digests: Iterable[bytes]) -> None:
        """Remember requests that were just written into file ``segment`` of the log."""
        if not self._entries:
            return
        with self._lock:
            now = self._clock()
            for digest in digests:
                self._add(digest, segment, now)
            self._forget_old()

    def save_before_delete(self, segments: Sequence[int]) -> None:
        """Write the digests of these log files, which are about to be deleted, into the journal.

        If the disk fails, the files are deleted all the same, because that makes room on it. The digests are written
        with those of the next files; a restart before that forgets them.
        """
        with self._lock:
            self._forget_old()
            self._unsaved.update(segments)
            unsaved = [bucket for bucket in self._buckets if bucket.segment in self._unsaved and not bucket.journal]
            if not unsaved:
                self._unsaved.clear()
                return
            try:
                number = self._journal.append([(bucket.newest_ns, bucket.digests) for bucket in unsaved])
            except OSError as error:
                count = sum(len(bucket.digests) for bucket in unsaved)
                _LOG.warning("After a restart, %d stored requests would not be recognised: %s", count, error)
                return
            for bucket in unsaved:
                bucket.journal = number
            self._unsaved.clear()

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
        forgot = False
        while self._buckets and (self._buckets[0].newest_ns < limit or len(self._known) > self._entries):
            self._known.difference_update(self._buckets.popleft().digests)
            forgot = True
        if forgot:
            self._tidy_journal()

    def _tidy_journal(self) -> None:
        """Delete journal files that are not needed any more: all before the oldest that a bucket refers to."""
        needed = min((bucket.journal for bucket in self._buckets if bucket.journal), default=None)
        try:
            self._journal.drop_before(needed if needed is not None else self._journal.end)
        except OSError as error:
            _LOG.warning("An old file of the journal of digests cannot be deleted: %s", error)

    # Used when the collector starts.

    def _recover(self) -> None:
        limit = self._clock() - self._window_ns
        for frame in self._journal.read():
            if frame.newest_ns >= limit:
                bucket = _Bucket(frame.newest_ns, frame.newest_ns, 0, list(frame.digests), frame.file)
                self._buckets.append(bucket)
                self._known.update(frame.digests)
        for number in segment_numbers(self._directory):
            # A file that was not written to within the window holds nothing of interest and is not read.
            if segment_path(self._directory, number).stat().st_mtime_ns >= limit:
                self._read_back(number, limit)
        self._forget_old()

    def _read_back(self, number: int, limit: int) -> None:
        data = read_at(self._directory, Position(number, 0), segment_path(self._directory, number).stat().st_size)
        for record in scan(data):
            if isinstance(record, Record) and record.envelope.received_ns >= limit:
                self._add(record.digest, number, record.envelope.received_ns)
