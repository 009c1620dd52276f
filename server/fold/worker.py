"""Folds the cases of new batches in a thread of its own, so that an insert never waits for a fold."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from collector.telemetry.telemetry import Telemetry
from collector.telemetry.tracing import NO_TRACING
from server.fold.telemetry import FoldTelemetry
from store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases.fold.fold import Fold
    from collector.telemetry.tracing import Tracing

_LOG = logging.getLogger(__name__)
_RETRY_S = 1.0
_LONGEST_RETRY_S = 30.0
_FORGET_EVERY_S = 3600.0
_SMALL_RUN: Final = 4
"""Batches of a run after which the next run waits a little for more: one batch costs almost as much as ten."""

_LONGEST_REST_S = 0.5

_MOST_COUNTED: Final = 10_000
"""Batches of an earlier run of the server that are counted at the start. There are hardly ever more than a few."""


class FoldWorker:
    """One thread that folds when it is woken. What it leaves unfolded when it stops, the next start folds."""

    def __init__(self, fold: Fold, telemetry: FoldTelemetry | None = None, tracing: Tracing = NO_TRACING) -> None:
        self._fold = fold
        self._tracing = tracing
        self._traced = False
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flowtrail-fold", daemon=True)
        self._busy = False
        self._forgot = -_FORGET_EVERY_S
        self.telemetry = telemetry or FoldTelemetry(Telemetry())
        self._failure: str | None = None

    def start(self) -> None:
        """Start the thread. It begins with the batches that the last stop left unfolded."""
        self._wake.set()
        self._thread.start()

    def wake(self, *, traced: bool = True) -> None:
        """A new batch is stored. ``traced``: it holds more than traces of the server's own work."""
        self.telemetry.backlog.arrived()
        self._traced = self._traced or traced
        self._wake.set()

    @property
    def trouble(self) -> str | None:
        """Why cases are not up to date, in a sentence; None if they are."""
        if self._thread.ident is not None and not self._thread.is_alive() and not self._stopping.is_set():
            return "The fold is not running; restart the server. Cases are not up to date."
        return self._failure

    @property
    def idle(self) -> bool:
        """Nothing is being folded or waits to be."""
        return not self._busy and not self._wake.is_set()

    def stop(self) -> None:
        """Stop after the current run."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = _RETRY_S
        self._attempt(self._count_left_over)
        while not self._stopping.is_set():
            self._wake.wait()
            # In this order: ``idle`` must not be true between the two lines. Cleared before the fold, so that a batch
            # that arrives during it wakes the thread again.
            self._busy = True
            self._wake.clear()
            if self._stopping.is_set():
                return
            if self._attempt(self._fold_pending):
                pause = _RETRY_S
            else:
                self._stopping.wait(pause)
                pause = min(2 * pause, _LONGEST_RETRY_S)
                self._wake.set()
            self._busy = False

    def _attempt(self, work: Callable[[], None]) -> bool:
        """Do it; False if it failed and should be tried again."""
        try:
            work()
        except StoreError as error:
            _LOG.warning("The fold is waiting: %s", error)
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - a defect must not end the thread silently
            _LOG.exception("The fold met a defect")
            return self._failed(error)
        self._failure = None
        return True

    def _failed(self, error: Exception) -> bool:
        self.telemetry.failures.add()
        self._failure = f"Cases are not up to date: {error}"
        return False

    def _count_left_over(self) -> None:
        self.telemetry.backlog.arrived(len(self._fold.pending(limit=_MOST_COUNTED)))

    def _fold_pending(self) -> None:
        """Fold what is pending, run by run."""
        while not self._stopping.is_set():
            began = time.monotonic()
            folded = self._fold_once()
            if not folded:
                break
            # A rest as long as the run: under a trickle of batches, the fold takes half of the time at most.
            if folded <= _SMALL_RUN:
                self._stopping.wait(min(time.monotonic() - began, _LONGEST_REST_S))
        if time.monotonic() - self._forgot > _FORGET_EVERY_S:
            self._fold.forget_folded()
            self._forgot = time.monotonic()

    def _fold_once(self) -> int:
        # A run without new batches is not traced. Nor is one over the server's own traces: it would cause another one.
        traced, self._traced = self._traced, False
        began = time.perf_counter()
        folded = 0
        self.telemetry.backlog.begin()
        try:
            with self._tracing.span("fold", lambda: traced) as span:
                folded = self._fold.fold_pending()
                span.set_attribute("flowtrail.batches", folded)
        except BaseException:
            self.telemetry.backlog.end(0, everything=False)
            raise
        # Only a run that finds nothing proves that nothing is left: a run takes so many batches, and so many events.
        self.telemetry.backlog.end(folded, everything=not folded)
        if folded:
            self.telemetry.batches.add(folded)
            self.telemetry.seconds.observe(time.perf_counter() - began)
        return folded
