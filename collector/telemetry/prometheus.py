"""Counters and gauges on prometheus_client: cheap on the hot path, with a limit on the number of series."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import prometheus_client
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from prometheus_client import CollectorRegistry

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4

MAX_SERIES: Final = 200
"""Combinations of labels per counter. Further ones are counted together, with the label value ``other``."""

# Without this, each series gets a second one for the time at which it was created. process_start_time_seconds will do.
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


class Counter:
    """A number that only grows, one per combination of its labels. Thread-safe.

    ``counter.add(origin="door")`` adds 1 to the series of that label.
    """

    def __init__(self, name: str, text: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        self._labels = tuple(labels)
        self._family = prometheus_client.Counter(name, text, labels, registry=registry)
        self._lock = threading.Lock()
        self._series: dict[tuple[tuple[str, str], ...], Any] = {}

    def add(self, amount: float = 1, **labels: str) -> None:
        """Add ``amount``. A label that is left out is ''."""
        # This lookup costs a third of the library's own, which sorts and checks the names each time.
        key = tuple(labels.items())
        series = self._series.get(key)
        if series is None:
            series = self._begin(key)
        series.inc(amount)

    def value(self, **labels: str) -> float:
        """The sum over every combination that has these labels."""
        samples = [sample for family in self._family.collect() for sample in family.samples]
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    def _begin(self, key: tuple[tuple[str, str], ...]) -> Any:
        if not self._labels:
            return self._family
        with self._lock:
            room = len(self._series) < MAX_SERIES
            named = dict(key)
            values = [named.pop(name, "") if room else "other" for name in self._labels]
            if named and room:
                raise ValueError(f"The counter has no labels {sorted(named)}.")
            series = self._family.labels(*values)
            if room:
                self._series[key] = series
            return series


class Gauges:
    """Gauges whose values are read when the page is rendered. A gauge is absent while its function returns None."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._readers: dict[str, tuple[str, Callable[[], float | None]]] = {}
        registry.register(self)

    def add(self, name: str, text: str, read: Callable[[], float | None]) -> None:
        """Add a gauge, or replace one of the same name. ``read`` must not block."""
        self._readers[name] = (text, read)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Called by the registry."""
        for name, (text, read) in list(self._readers.items()):
            value = read()
            if value is not None:
                yield GaugeMetricFamily(name, text, value=value)


def render(registry: CollectorRegistry) -> str:
    """The page in Prometheus' text format."""
    return generate_latest(registry).decode()
