"""Takes batches from the durable log and inserts them into the store, in order, each exactly once.

Where a batch begins and ends is written down before the insert. So after a crash the same records are inserted under
the same token, and the store recognises them. While the store is down, the writer keeps trying; the log keeps the data.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from collector.dead_letters import describe as letters
from collector.writer.bisect import Bisection
from collector.writer.retry import Abandoned, Retrier
from store.errors import StoreError, StoreUnavailable
from store.intake import Envelope, Signal

if TYPE_CHECKING:
    from collector.dead_letters.store import DeadLetters, Letter
    from collector.durable_log.log import Batch, DurableLog
    from collector.durable_log.record import Damage
    from collector.settings import CollectorSettings
    from collector.telemetry.telemetry import Telemetry
    from collector.writer.progress import BatchPlan, WriterProgress

_LOG = logging.getLogger(__name__)

_MEMORY_TRIES: Final = 5
"""Attempts for a single request that is too much for the store's memory. A batch of several is split at once."""

_Read = TypeVar("_Read")

Sink = Callable[[Sequence[Envelope], str], None]
"""``sink(envelopes, token)`` stores envelopes of one signal. It is idempotent: however often it is called with the same
signal and token, they are stored once.

It raises StoreError ``invalid_data`` for what can never be stored, StoreOutOfMemory for what may be too much at once,
and anything else for a fault that may pass.
"""

TakeBack = Callable[[Signal, str], object]
"""``take_back(signal, token)`` removes the rows that a refused insert left. The token is not used again."""


@dataclass(frozen=True, slots=True)
class WriterParts:
    """What the writer works with; see ``Sink`` and ``TakeBack``.

    ``after_insert(envelopes, token)`` runs after each batch, gets rejected envelopes too, and may run twice for one
    token. It is repeated while it raises StoreUnavailable; any other exception is logged, counted and ignored.
    """

    log: DurableLog
    progress: WriterProgress
    dead_letters: DeadLetters
    telemetry: Telemetry
    sink: Sink
    after_insert: Sink
    take_back: TakeBack


class Writer:
    """A thread that plans, inserts and releases batches until it is stopped."""

    def __init__(self, parts: WriterParts, settings: CollectorSettings) -> None:
        self._parts = parts
        self._settings = settings
        self._retry = Retrier(settings.retry_first_s, settings.retry_longest_s, parts.telemetry.insert_failures)
        self._thread = threading.Thread(target=self._run, name="flowtrail-writer", daemon=True)

    @property
    def trouble(self) -> str | None:
        """Why nothing can be inserted right now, in a sentence. None if inserts succeed."""
        return self._retry.trouble

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Insert what is pending, for up to ``timeout_s``. False if something stays in the log."""
        self._retry.stop()
        self._parts.log.wake()
        if self._thread.ident is not None:  # it was started
            self._thread.join(timeout_s)
        self._retry.abandon()
        return not self._parts.log.pending_bytes

    def _run(self) -> None:
        try:
            self._resume()
            while planned := self._next_plan():
                self._finish(*planned)
        except Abandoned:
            _LOG.warning("The writer stops; %d bytes stay in the log.", self._parts.log.pending_bytes)

    def _resume(self) -> None:
        """Finish the batch that a crash interrupted: the same records under the same token."""
        plan = self._parts.progress.plan
        if not plan.done:
            about = {"batch": plan.number}
            _LOG.info("Inserting batch %d again: it was unfinished when the collector ended.", plan.number, extra=about)
            self._finish(plan, self._read(partial(self._parts.log.read, plan.start, plan.end)))

    def _next_plan(self) -> tuple[BatchPlan, Batch] | None:
        """Wait until a batch is full or old enough. None if the collector stops and nothing is left."""
        log, settings = self._parts.log, self._settings
        log.wait(1, None)  # until anything is pending, then a little longer for the batch to fill
        if settings.batch_max_age_ms:
            log.wait(max(1, settings.batch_bytes), settings.batch_max_age_ms / 1000)
        batch = self._read(partial(log.read_next, settings.batch_bytes))
        if batch is None:
            return None
        step = partial(self._parts.progress.plan_next, batch.start, batch.end)
        return self._retry.local(step, "write down the next batch"), batch

    def _finish(self, plan: BatchPlan, batch: Batch) -> None:
        for damage in batch.damages:
            self._quarantine(batch, damage)
        for signal in Signal:
            chosen = [envelope for envelope in batch.envelopes if envelope.signal is signal]
            if chosen:
                self._store(plan, signal, chosen)
        if batch.envelopes:
            self._follow_up(batch.envelopes, plan.token)
        # In this order: if the file were deleted first, a crash would leave a plan whose records are gone.
        self._retry.local(self._parts.progress.mark_done, "write down that a batch is done")
        self._retry.local(partial(self._parts.log.release, batch), "delete a finished file of the log")
        self._parts.telemetry.insert_batches.add()

    def _store(self, plan: BatchPlan, signal: Signal, envelopes: Sequence[Envelope]) -> None:
        """Store all but what the store refuses, from where a crash interrupted it."""

        def mark(cursor: str) -> None:
            step = partial(self._parts.progress.mark_cursor, signal, cursor)
            self._retry.local(step, "write down how far a batch is split")

        def take_back(token: str) -> None:
            step = partial(self._parts.take_back, signal, token)
            self._retry.remote(step, "remove the rows of a refused insert")

        bisection = Bisection(self._insert, take_back, self._bury, mark)
        buried = bisection.store(envelopes, plan.token, plan.cursors.get(str(signal), ""))
        if buried:
            about = {"batch": plan.number, "signal": str(signal)}
            _LOG.error(
                "The store refused %d part(s) of batch %d (%s) for good.", buried, plan.number, signal, extra=about
            )

    def _insert(self, envelopes: Sequence[Envelope], token: str) -> None:
        """Insert, however long it takes. Raises StoreError only if the store refuses the data or lacks the memory."""
        began = time.perf_counter()
        # A batch can still be split, so it is not worth waiting for more memory.
        tries = 1 if len(envelopes) > 1 else _MEMORY_TRIES
        self._retry.remote(partial(self._parts.sink, envelopes, token), "insert into the store", tries)
        self._parts.telemetry.insert_seconds.observe(time.perf_counter() - began)

    def _follow_up(self, envelopes: Sequence[Envelope], token: str) -> None:
        """Run ``after_insert``. If it fails for good, the writer goes on: the events are stored."""
        try:
            self._retry.remote(partial(self._hook, envelopes, token), "process what was inserted")
        except StoreError:
            _LOG.exception("The step after the insert failed for batch %s. Its events are stored.", token)
            self._parts.telemetry.insert_failures.add(kind="after_insert")

    def _hook(self, envelopes: Sequence[Envelope], token: str) -> None:
        try:
            self._parts.after_insert(envelopes, token)
        except StoreUnavailable:
            raise
        except Exception as error:
            # A code that the Retrier does not repeat.
            raise StoreError("invalid_data", f"The step after the insert failed: {error!r}.") from error

    def _bury(self, envelope: Envelope, token: str, reason: str) -> None:
        self._keep(letters.refused_by_store(envelope, token, reason), envelope.request)

    def _quarantine(self, batch: Batch, damage: Damage) -> None:
        body = self._read(partial(self._parts.log.read_bytes, batch.start.segment, damage))
        self._keep(letters.damaged_in_log(batch, damage), body)

    def _keep(self, letter: Letter, body: bytes) -> None:
        if not self._retry.local(partial(self._parts.dead_letters.keep, letter, body), "keep a dead letter"):
            return  # the letter exists: a crash came after this step and before the next
        self._parts.telemetry.dead_letters.add(origin=letter.origin)
        about = {"letter": letter.id, "origin": letter.origin, "tenant": letter.tenant, "signal": letter.signal}
        _LOG.error("Dead letter %s: %s", letter.id, letter.reason, extra=about)

    def _read(self, step: Callable[[], _Read]) -> _Read:
        return self._retry.local(step, "read the log")
