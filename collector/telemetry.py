"""What the collector counts about itself, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from collector.metrics import Counter, Gauge, Histogram, Metric, render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PREFIX: Final = "flowtrail_collector_"
_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Telemetry:
    """Every counter and histogram of one collector; gauges are added by the parts that know them."""

    def __init__(self) -> None:
        self._metrics: list[Metric] = []
        self.requests = self._counter(
            "requests_total", "Requests by protocol and outcome (ok, partial, or why refused)."
        )
        self.spans = self._counter("spans_total", "Spans acknowledged, by protocol.")
        self.received_bytes = self._counter("received_bytes_total", "Bytes of request bodies as sent, by protocol.")
        self.rejected_spans = self._counter("rejected_spans_total", "Spans rejected at the door, by reason.")
        self.insert_batches = self._counter("insert_batches_total", "Batches done: stored, poison in dead letters.")
        self.insert_failures = self._counter("insert_failures_total", "Failed attempts of the writer, by kind.")
        self.dead_letters = self._counter("dead_letters_total", "Dead letters written since the start, by origin.")
        self.unkept = self._counter("dead_letters_unkept_total", "Rejected spans not kept: cap reached or disk full.")
        self.ack_seconds = self._histogram("ack_seconds", "From a complete request to its acknowledgement.")
        self.fsync_seconds = self._histogram("fsync_seconds", "One fsync of the durable log.")
        self.insert_seconds = self._histogram("insert_seconds", "One insert, repetitions included.")

    def gauges(self, read: Mapping[str, tuple[str, Callable[[], float | None]]]) -> None:
        """Add gauges: name without prefix → (help text, function that reads it)."""
        for name, (text, function) in read.items():
            self._metrics.append(Gauge(_PREFIX + name, text, function))

    def page(self) -> str:
        """The page for GET /metrics."""
        return render(self._metrics)

    def _counter(self, name: str, text: str) -> Counter:
        counter = Counter(_PREFIX + name, text)
        self._metrics.append(counter)
        return counter

    def _histogram(self, name: str, text: str) -> Histogram:
        histogram = Histogram(_PREFIX + name, text, _SECONDS)
        self._metrics.append(histogram)
        return histogram
