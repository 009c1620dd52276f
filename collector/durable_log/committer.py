"""Group commit: many requests, one write, one fsync, then every sender is told at once."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from collector.durable_log.record import digest
from collector.errors import CollectorError, LogFailed
from common.units import MIB

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.durable_log.duplicates import Duplicates
    from collector.durable_log.log import DurableLog
    from store.intake import Envelope

_LOG = logging.getLogger(__name__)

_GROUP_BYTES: Final = 16 * MIB
"""A group ends when it holds so many bytes, so that one fsync never has unbounded work."""

_PROBE_S: Final = 1.0
"""How often a disk that refused is asked again while no request asks it: readiness keeps requests away."""


@dataclass(slots=True, eq=False)
class _Pending:
    """A request that waits for its commit. ``again``: it is to be written even if the same bytes were taken before."""

    envelope: Envelope
    future: asyncio.Future[bool]
    again: bool
    duplicate: bool = False


class Committer:
    """The one thread that appends to the log. While one fsync runs, the requests of the next group gather.

    Commits begin at least ``interval_ms`` milliseconds apart: a lone request is committed at once, a crowd shares. What
    ``duplicates`` knows is not written again. As one thread decides, a request that comes twice at the same time is
    written once: both in one group share its fate, and in a later group the fate of the first is known.
    """

    def __init__(self, log: DurableLog, interval_ms: float, duplicates: Duplicates) -> None:
        self._log = log
        self._interval_s = interval_ms / 1000
        self._duplicates = duplicates
        self._last_commit = 0.0
        self._queue: SimpleQueue[_Pending | None] = SimpleQueue()
        self._closed = False
        self._queued_bytes = 0
        self._lock = threading.Lock()
        self.error: CollectorError | None = None
        """Why the last append failed; None when it went well."""
        self._thread = threading.Thread(target=self._run, name="flowtrail-committer", daemon=True)
        self._thread.start()

    @property
    def queued_bytes(self) -> int:
        """Request bytes handed in and not yet on disk."""
        return self._queued_bytes

    def submit(self, envelope: Envelope, *, again: bool = False) -> asyncio.Future[bool]:
        """Hand in ``envelope`` from the running event loop; the future ends once it is on disk or raises LogFailed.

        Its result: whether the same bytes had been taken before, so that they were not written again; never with
        ``again``.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._closed:
                raise LogFailed("the collector is stopping")
            self._queued_bytes += len(envelope.request)
            self._queue.put(_Pending(envelope, future, again))
        return future

    def close(self) -> None:
        """Commit what was handed in, then end the thread. Blocks until then."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            error = self._commit(group)
            with self._lock:
                self._queued_bytes -= sum(len(item.envelope.request) for item in group)
            _resolve(group, error)

    def _next_group(self) -> list[_Pending]:
        """At least one item, unless the end was reached; then an empty list."""
        group: list[_Pending] = []
        size = 0
        item = self._first()
        self._keep_interval()
        while item is not None:
            group.append(item)
            size += len(item.envelope.request)
            if size >= _GROUP_BYTES:
                return group
            try:
                item = self._queue.get_nowait()
            except Empty:
                return group
        self._queue.put(None)  # seen the end: this group first, the end again next time
        return group

    def _first(self) -> _Pending | None:
        while True:
            try:
                return self._queue.get(timeout=_PROBE_S if self.error else None)
            except Empty:
                self._probe()

    def _keep_interval(self) -> None:
        pause = self._last_commit + self._interval_s - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self._last_commit = time.monotonic()

    def _probe(self) -> None:
        try:
            self._log.probe()
        except LogFailed as error:
            self.error = error
        else:
            self.error = None
            _LOG.warning("The durable log can be written again.")

    def _commit(self, group: list[_Pending]) -> CollectorError | None:
        """Write what is new in ``group``; returns why that failed. What was taken before is marked as such."""
        try:
            digests = [digest(item.envelope) for item in group]
            fresh = self._mark_duplicates(zip(group, digests, strict=True))
            if fresh:
                segment = self._log.append([item.envelope for item, _ in fresh], [known for _, known in fresh])
                self._duplicates.add(segment, [known for _, known in fresh])
                self.error = None
        except LogFailed as error:
            if self.error is None:
                _LOG.error("%s Senders are told to come back.", error)
            self.error = error
        except Exception as error:  # noqa: BLE001 (the thread must live, and the senders be told)
            _LOG.exception("The durable log failed in a way that is a defect.")
            self.error = LogFailed(repr(error))
        else:
            return None
        return self.error

    def _mark_duplicates(self, items: Iterable[tuple[_Pending, bytes]]) -> list[tuple[_Pending, bytes]]:
        """What must be written."""
        if not self._duplicates.enabled:
            return list(items)
        fresh = []
        in_group: set[bytes] = set()
        for item, known in items:
            if not item.again and (known in in_group or known in self._duplicates):
                item.duplicate = True
            else:
                in_group.add(known)
                fresh.append((item, known))
        return fresh


def _resolve(group: list[_Pending], error: CollectorError | None) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Pending]] = defaultdict(list)
    for item in group:
        by_loop[item.future.get_loop()].append(item)
    for loop, items in by_loop.items():
        try:
            loop.call_soon_threadsafe(_finish, items, error)
        except RuntimeError:  # the loop is closed: nobody waits for the answer any more
            _LOG.debug("An event loop ended before its requests were on disk.")


def _finish(items: list[_Pending], error: CollectorError | None) -> None:
    for item in items:
        if item.future.done():
            continue
        if error is None:
            item.future.set_result(item.duplicate)
        else:
            item.future.set_exception(error)
