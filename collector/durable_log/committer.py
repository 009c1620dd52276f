"""Group commit: many requests share one write and one fsync, then all of their senders are answered."""

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
"""A group ends at this size, so that one fsync never has unlimited work."""

_PROBE_S: Final = 1.0
"""Seconds between two probes of a disk that failed. Requests alone would not do: readiness keeps them away."""


@dataclass(slots=True, eq=False)
class _Pending:
    """A request that waits for its commit. ``again``: it is written even if it is a duplicate."""

    envelope: Envelope
    future: asyncio.Future[bool]
    again: bool
    duplicate: bool = False


class Committer:
    """The only thread that appends to the log. While one fsync runs, requests queue up for the next group.

    Commits start at least ``interval_ms`` milliseconds apart: a single request is committed at once, many share a
    commit. What ``duplicates`` knows is not written again. Because one thread decides, a request that is sent twice at
    the same time is written once. Two in one group get the same answer; a later group knows whether the first was
    written.
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
        """Why the last append failed; None if it succeeded."""
        self._thread = threading.Thread(target=self._run, name="flowtrail-committer", daemon=True)
        self._thread.start()

    @property
    def queued_bytes(self) -> int:
        """Bytes of submitted requests that are not on disk yet."""
        return self._queued_bytes

    def submit(self, envelope: Envelope, *, again: bool = False) -> asyncio.Future[bool]:
        """Submit ``envelope`` from the running event loop. The future ends once it is on disk, or raises LogFailed.

        The result is True if it is a duplicate, which was not written again; never with ``again``.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._closed:
                raise LogFailed("the collector is stopping")
            self._queued_bytes += len(envelope.request)
            self._queue.put(_Pending(envelope, future, again))
        return future

    def close(self) -> None:
        """Commit what was submitted, then end the thread. Blocks until then."""
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
        """The next requests to commit; an empty list if the committer was closed and nothing is left."""
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
        self._queue.put(None)  # commit this group first; the next call finds the end mark again
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
        """Write what is new in ``group`` and mark the duplicates. Returns why that failed, None if it succeeded."""
        try:
            digests = [digest(item.envelope) for item in group]
            new = self._mark_duplicates(zip(group, digests, strict=True))
            if new:
                envelopes, new_digests = [item.envelope for item, _ in new], [key for _, key in new]
                segment = self._log.append(envelopes, new_digests)
                # Only now: after a failed append the sender will send the request again, and it must not be known.
                self._duplicates.add(segment, new_digests)
                self.error = None
        except LogFailed as error:
            if self.error is None:
                _LOG.error("%s Senders are asked to try again later.", error)
            self.error = error
        except Exception as error:  # noqa: BLE001 (the thread must survive, and the senders get an answer)
            _LOG.exception("The durable log failed because of a defect.")
            self.error = LogFailed(repr(error))
        else:
            return None
        return self.error

    def _mark_duplicates(self, items: Iterable[tuple[_Pending, bytes]]) -> list[tuple[_Pending, bytes]]:
        """The requests that must be written, with their digests. The others are marked as duplicates."""
        if not self._duplicates.enabled:
            return list(items)
        new = []
        in_group: set[bytes] = set()
        for item, key in items:
            if not item.again and (key in in_group or key in self._duplicates):
                item.duplicate = True
            else:
                in_group.add(key)
                new.append((item, key))
        return new


def _resolve(group: list[_Pending], error: CollectorError | None) -> None:
    # Futures belong to their event loop and may only be resolved on it: one call per loop, not one per request.
    by_loop: dict[asyncio.AbstractEventLoop, list[_Pending]] = defaultdict(list)
    for item in group:
        by_loop[item.future.get_loop()].append(item)
    for loop, items in by_loop.items():
        try:
            loop.call_soon_threadsafe(_finish, items, error)
        except RuntimeError:  # the loop is closed: nobody waits for the answer any more
            _LOG.debug("An event loop was closed before its requests were on disk.")


def _finish(items: list[_Pending], error: CollectorError | None) -> None:
    for item in items:
        if item.future.done():
            continue
        if error is None:
            item.future.set_result(item.duplicate)
        else:
            item.future.set_exception(error)
