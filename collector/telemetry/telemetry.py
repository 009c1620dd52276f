"""The collector's own metrics, by name. docs/observing.md lists each of them, and a test compares the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector

from collector.telemetry.prometheus import Counter, Gauges, render
from collector.telemetry.tracing import NO_TRACING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.telemetry.tracing import Tracing

COLLECTOR: Final = "flowtrail_collector_"
_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Telemetry:
    """The counters and histograms of one collector. Gauges are added by the parts that know their values."""

    def __init__(self) -> None:
        self.tracing: Tracing = NO_TRACING
        """Where spans of the server's own work are reported. Set before the start."""
        self._registry = CollectorRegistry()
        self._gauges = Gauges(self._registry)
        self.requests = self.counter(
            "requests_total",
            "Requests by protocol, signal and outcome (ok, partial, or the code of the refusal).",
            "protocol",
            "signal",
            "outcome",
        )
        self.items = self.counter(
            "items_total",
            "Spans, log records and data points acknowledged, by protocol and signal.",
            "protocol",
            "signal",
        )
        self.rejected_items = self.counter(
            "rejected_items_total",
            "Spans, log records and data points rejected by the check, by signal and reason.",
            "signal",
            "reason",
        )
        self.repaired_texts = self.counter("repaired_texts_total", "Texts that were not UTF-8, by signal.", "signal")
        self.unread_fields = self.counter(
            "unread_fields_total", "Fields of requests in JSON that OTLP does not know, by signal.", "signal"
        )
        self.received_bytes = self.counter(
            "received_bytes_total", "Bytes of request bodies as sent, by protocol and signal.", "protocol", "signal"
        )
        self.duplicates = self.counter(
            "duplicate_requests_total", "Duplicate requests, which were not stored again, by signal.", "signal"
        )
        self.insert_batches = self.counter(
            "insert_batches_total", "Batches done: stored, or a dead letter where the store refused."
        )
        self.insert_failures = self.counter("insert_failures_total", "Failed attempts of the writer, by kind.", "kind")
        self.dead_letters = self.counter(
            "dead_letters_total", "Dead letters written since the start, by origin.", "origin"
        )
        self.unkept = self.counter("dead_letters_unkept_total", "Rejected items not kept: cap reached or disk full.")
        self.refused_keys = self.counter("refused_keys_total", "Keys refused at any port, by code.", "code")
        self.ack_seconds = self.histogram("ack_seconds", "From a complete request to its acknowledgement.")
        self.fsync_seconds = self.histogram("fsync_seconds", "One fsync of the durable log.")
        self.insert_seconds = self.histogram("insert_seconds", "One insert, including repeated attempts.")
        ProcessCollector(registry=self._registry)

    def counter(self, name: str, text: str, *labels: str, prefix: str = COLLECTOR) -> Counter:
        """Add a counter with ``labels``. ``name`` is without the prefix."""
        return Counter(prefix + name, text, labels, self._registry)

    def histogram(self, name: str, text: str, prefix: str = COLLECTOR) -> Histogram:
        """Add a histogram of seconds, from half a millisecond to a minute. ``name`` is without the prefix."""
        return Histogram(prefix + name, text, buckets=_SECONDS, registry=self._registry)

    def gauges(self, read: Mapping[str, tuple[str, Callable[[], float | None]]], prefix: str = COLLECTOR) -> None:
        """Add gauges: name without the prefix → (help text, function that returns the value and does not block)."""
        for name, (text, function) in read.items():
            self._gauges.add(prefix + name, text, function)

    def page(self) -> str:
        """The page of GET /metrics."""
        return render(self._registry)
