"""Counters, gauges and histograms in Prometheus' text format, without a library.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (text, version 0.0.4).
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_Labels = tuple[tuple[str, str], ...]


class Metric(Protocol):
    """Anything that can write itself down, line by line."""

    def lines(self) -> Iterator[str]: ...


class Counter:
    """A number that only grows, one for each combination of labels. Thread-safe."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self._lock = threading.Lock()
        self._values: dict[_Labels, float] = {}

    def add(self, amount: float = 1, **labels: str) -> None:
        key = tuple(sorted(labels.items()))
        with self._lock:
            self._values[key] = self._values.get(key, 0) + amount

    def value(self, **labels: str) -> float:
        """The sum over every combination that has these labels."""
        wanted = set(labels.items())
        with self._lock:
            return sum(value for key, value in self._values.items() if wanted <= set(key))

    def lines(self) -> Iterator[str]:
        yield from _head(self._name, self._text, "counter")
        with self._lock:
            values = sorted(self._values.items())
        for labels, value in values or [((), 0.0)]:
            yield f"{self._name}{_braces(labels)} {value:.15g}"


class Gauge:
    """A number that is read when somebody asks for it; absent while ``read`` gives None."""

    def __init__(self, name: str, text: str, read: Callable[[], float | None]) -> None:
        self._name = name
        self._text = text
        self._read = read

    def lines(self) -> Iterator[str]:
        value = self._read()
        if value is not None:
            yield from _head(self._name, self._text, "gauge")
            yield f"{self._name} {value:.15g}"


class Histogram:
    """Observations in buckets with the upper ``bounds`` (ascending), with sum and count. Thread-safe."""

    def __init__(self, name: str, text: str, bounds: Sequence[float]) -> None:
        self._name = name
        self._text = text
        self._bounds = tuple(bounds)
        self._lock = threading.Lock()
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        with self._lock:
            self._counts[bisect_left(self._bounds, value)] += 1
            self._sum += value

    @property
    def count(self) -> int:
        return sum(self._counts)

    def lines(self) -> Iterator[str]:
        yield from _head(self._name, self._text, "histogram")
        with self._lock:
            counts, total = list(self._counts), self._sum
        below = 0
        for bound, count in zip((*(f"{bound:g}" for bound in self._bounds), "+Inf"), counts, strict=True):
            below += count
            yield f'{self._name}_bucket{{le="{bound}"}} {below}'
        yield f"{self._name}_sum {total:.15g}"
        yield f"{self._name}_count {below}"


def render(metrics: Sequence[Metric]) -> str:
    """The whole page."""
    return "".join(f"{line}\n" for metric in metrics for line in metric.lines())


def _head(name: str, text: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def _braces(labels: _Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
