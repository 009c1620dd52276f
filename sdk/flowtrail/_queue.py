"""The bounded queue between the host's threads and the exporter.

OpenTelemetry's ``BatchSpanProcessor`` counts what it drops only when the whole process exports SDK metrics, its
``force_flush`` knows no deadline, and so neither its loss nor its delay could be promised. Hence this one.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from opentelemetry import context as otel
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from ._log import BoundedLog, logger
from ._quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.trace import ReadableSpan

_DROPPED: Final = "Flowtrail's queue is full or closed: %d spans dropped"
_FAILED: Final = "Flowtrail could not deliver %d spans"


class Sender(Protocol):
    """Where a batch goes."""

    def deliver(self, spans: Sequence[ReadableSpan]) -> int:
        """Send a batch, retrying as it sees fit; how many spans were accepted."""

    def hurry(self, until: float, *, last: bool) -> None:
        """Somebody waits until then (``time.monotonic()``); ``last``: nothing need be tried after that."""

    def close(self) -> None:
        """Let go of connections."""

    def after_fork(self) -> None:
        """In a forked child: do not use the parent's connections."""


class ExporterSender:
    """Sends through an exporter the caller brings."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def deliver(self, spans: Sequence[ReadableSpan]) -> int:
        """Hand over the batch; all of it counts, or nothing."""
        return 0 if self._exporter.export(spans) is SpanExportResult.FAILURE else len(spans)

    def hurry(self, until: float, *, last: bool) -> None:
        """How a foreign exporter retries is its own concern."""

    def close(self) -> None:
        """Shut the exporter down."""
        self._exporter.shutdown()

    def after_fork(self) -> None:
        """Connections of a foreign exporter are its own concern."""


@dataclass(frozen=True)
class Stats:
    """What became of the spans, in numbers of spans since the runtime began."""

    exported: int
    """Accepted by the receiver."""
    dropped: int
    """Never sent: the queue was full or already closed."""
    failed: int
    """Sent and not accepted: refused, rejected in part, or given up after retries."""
    pending: int
    """Still waiting, or being sent right now."""


class _Marker(threading.Event):
    """Stands in the queue behind the spans a flush waits for."""


class SpanQueue:
    """Takes spans without waiting, sends them from one daemon thread; fork-safe."""

    def __init__(self, sender: Sender, *, max_size: int, batch_size: int, delay_s: float) -> None:
        self._sender = sender
        self._max_size = max_size
        self._batch_size = batch_size
        self._delay_s = delay_s
        self._log = BoundedLog()
        self._exported = self._dropped = self._failed = 0
        self._reset()

    def _reset(self) -> None:
        self._spans: deque[ReadableSpan | _Marker] = deque()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._in_flight = 0
        self._closed = False
        self._abandoned = False

    def after_fork(self) -> None:
        """In the child: the parent sends what was waiting, and its thread and locks stayed with it."""
        closed = self._closed
        self._log = BoundedLog()
        self._exported = self._dropped = self._failed = 0
        self._reset()
        self._closed = closed
        self._sender.after_fork()

    def put(self, span: ReadableSpan, *, urgent: bool = False) -> None:
        """Queue a span; dropped and counted when there is no room. Never waits, never raises."""
        spans = self._spans
        waiting = len(spans)
        if waiting >= self._max_size or self._closed:
            self._drop(1)
            return
        spans.append(span)
        if self._thread is None:
            self._start()
        if (urgent or waiting + 1 >= self._batch_size) and not self._wake.is_set():
            self._wake.set()

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was put before is sent or given up; whether that came about in time."""
        marker = self.mark(timeout_s)
        return marker is None or marker.wait(timeout_s)

    def mark(self, timeout_s: float, *, last: bool = False) -> threading.Event | None:
        """Ask for everything queued to be sent now; the event is set when it was. ``None``: nothing is waiting.

        What fails is tried again all the time for ``timeout_s``; ``last``: and not after that.
        """
        if self._thread is None or self._abandoned:
            return None
        marker = _Marker()
        self._spans.append(marker)
        self._wake.set()
        self._sender.hurry(time.monotonic() + timeout_s, last=last)
        return marker

    def close(self, timeout_s: float) -> bool:
        """Flush, stop the thread, let the sender go; whether everything was sent or given up in time."""
        with self._lock:
            if self._closed:
                return True
            self._closed = True
        deadline = time.monotonic() + timeout_s
        marker = self.mark(timeout_s, last=True)
        done = marker is None or marker.wait(timeout_s)
        with self._lock:
            self._abandoned = True
        self._wake.set()
        self._sender.close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(max(0.0, deadline - time.monotonic()))
        self._give_up()
        return done

    def _give_up(self) -> None:
        """Count what is still here, for this may be the end of the process, and tell all that was not told yet."""
        with self._lock:
            hanging, self._in_flight = self._in_flight, 0
            self._failed += hanging
        left = len(self._drain())
        if hanging:
            self._log.count("failed", hanging, _FAILED)
        if left:
            self._drop(left)
        self._log.rest()

    def stats(self) -> Stats:
        """The counts; exact when nothing is moving."""
        waiting = sum(1 for item in list(self._spans) if not isinstance(item, _Marker))
        return Stats(self._exported, self._dropped, self._failed, waiting + self._in_flight)

    def _drop(self, n: int) -> None:
        with self._lock:
            self._dropped += n
        self._log.count("dropped", n, _DROPPED)

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, name="flowtrail-export", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the interpreter is going down; close() counts what is left
                return
            self._thread = thread

    def _run(self) -> None:
        otel.attach(quiet())
        while not self._abandoned:
            self._wake.wait(self._delay_s)
            self._wake.clear()
            self._send_waiting()

    def _send_waiting(self) -> None:
        for _ in range(len(self._spans) // self._batch_size + 1):
            batch, markers = self._take()
            if batch:
                self._send(batch)
            for marker in markers:
                marker.set()
            if self._abandoned:
                return

    def _take(self) -> tuple[list[ReadableSpan], list[_Marker]]:
        batch: list[ReadableSpan] = []
        markers: list[_Marker] = []
        with self._lock:  # against close(), which counts what is left
            while self._spans and len(batch) < self._batch_size and not self._abandoned:
                item = self._spans.popleft()
                if isinstance(item, _Marker):
                    markers.append(item)
                else:
                    batch.append(item)
                    self._in_flight = len(batch)
        return batch, markers

    def _send(self, batch: list[ReadableSpan]) -> None:
        delivered = 0
        try:
            delivered = self._sender.deliver(batch)
        except Exception:  # noqa: BLE001 - a foreign exporter's fault is counted, and must not end the thread
            logger.debug("The exporter raised", exc_info=True)
        finally:
            self._settle(delivered, len(batch) - delivered)

    def _settle(self, delivered: int, failed: int) -> None:
        with self._lock:
            if not self._in_flight:  # close() has counted it as failed
                return
            self._exported += delivered
            self._failed += failed
            self._in_flight = 0
        if failed:
            self._log.count("failed", failed, _FAILED)

    def _drain(self) -> list[ReadableSpan]:
        left: list[ReadableSpan] = []
        while self._spans:
            item = self._spans.popleft()
            if isinstance(item, _Marker):
                item.set()
            else:
                left.append(item)
        return left
