"""Group commit: many requests, one write, one fsync, then every sender is told at once."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import defaultdict
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from collector.errors import CollectorError, LogFailed

if TYPE_CHECKING:
    from collector.durable_log import DurableLog
    from store.intake import Envelope

_LOG = logging.getLogger(__name__)

_GROUP_BYTES: Final = 16 * 1024 * 1024
"""A group ends when it holds so many bytes, so that one fsync never has unbounded work."""

_Item = tuple["Envelope", "asyncio.Future[None]"]


class Committer:
    """The one thread that appends to the log. While one fsync runs, the requests of the next group gather.

    Commits begin at least ``interval_ms`` milliseconds apart: a lone request is committed at once, a crowd shares.
    """

    def __init__(self, log: DurableLog, interval_ms: float) -> None:
        self._log = log
        self._interval_s = interval_ms / 1000
        self._last_commit = 0.0
        self._queue: SimpleQueue[_Item | None] = SimpleQueue()
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

    def submit(self, envelope: Envelope) -> asyncio.Future[None]:
        """Hand in ``envelope`` from the running event loop; the future ends once it is on disk or raises LogFailed."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._closed:
                raise LogFailed("the collector is stopping")
            self._queued_bytes += len(envelope.request)
            self._queue.put((envelope, future))
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
            self.error = self._commit(group)
            with self._lock:
                self._queued_bytes -= sum(len(envelope.request) for envelope, _ in group)
            _resolve(group, self.error)

    def _next_group(self) -> list[_Item]:
        """At least one item, unless the end was reached; then an empty list."""
        group: list[_Item] = []
        size = 0
        item = self._queue.get()
        self._keep_interval()
        while item is not None:
            group.append(item)
            size += len(item[0].request)
            if size >= _GROUP_BYTES:
                return group
            try:
                item = self._queue.get_nowait()
            except Empty:
                return group
        self._queue.put(None)  # seen the end: this group first, the end again next time
        return group

    def _keep_interval(self) -> None:
        pause = self._last_commit + self._interval_s - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self._last_commit = time.monotonic()

    def _commit(self, group: list[_Item]) -> CollectorError | None:
        try:
            self._log.append([envelope for envelope, _ in group])
        except LogFailed as error:
            if self.error is None:
                _LOG.error("%s Senders are told to come back.", error)
            return error
        except Exception as error:  # noqa: BLE001 (the thread must live, and the senders be told)
            _LOG.exception("The durable log failed in a way that is a defect.")
            return LogFailed(repr(error))
        return None


def _resolve(group: list[_Item], error: CollectorError | None) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = defaultdict(list)
    for _, future in group:
        by_loop[future.get_loop()].append(future)
    for loop, futures in by_loop.items():
        try:
            loop.call_soon_threadsafe(_finish, futures, error)
        except RuntimeError:  # the loop is closed: nobody waits for the answer any more
            _LOG.debug("An event loop ended before its requests were on disk.")


def _finish(futures: list[asyncio.Future[None]], error: CollectorError | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
