"""A test kit: a runtime whose spans stay in memory, with fixed ids and a clock that only you move.

with flowtrail.testing.capture("wms") as captured:
    flow = flowtrail.Flow("order-to-cash", runtime=captured.runtime)
    ...
assert [span.name for span in captured.spans()] == ["reserve-stock"]
"""

from __future__ import annotations

import itertools
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Unpack

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator

from . import conventions
from ._runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from ._runtime import RuntimeArguments

START_NS: Final = 1_767_225_600_000_000_000
"""Where a :class:`FixedClock` begins: 2026-01-01 00:00 UTC, in nanoseconds since the epoch."""


class FixedClock:
    """A clock that stands still until :meth:`advance` moves it. Call it for nanoseconds since the epoch."""

    def __init__(self, start_ns: int = START_NS) -> None:
        self._now_ns = start_ns

    def __call__(self) -> int:
        return self._now_ns

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._now_ns += round(seconds * 1_000_000_000)


class FixedIds(IdGenerator):
    """Trace ids and span ids 1, 2, 3, … each."""

    def __init__(self) -> None:
        self._traces = itertools.count(1)
        self._spans = itertools.count(1)

    def generate_trace_id(self) -> int:
        """The next trace id."""
        return next(self._traces)

    def generate_span_id(self) -> int:
        """The next span id."""
        return next(self._spans)


class CaptureExporter(SpanExporter):
    """Keeps spans in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Keep them."""
        with self._lock:
            self._spans.extend(spans)
        return SpanExportResult.SUCCESS

    def spans(self) -> list[ReadableSpan]:
        """What was exported so far, in order of arrival."""
        with self._lock:
            return list(self._spans)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._spans.clear()


@dataclass(frozen=True)
class Captured:
    """A runtime in memory and what came out of it."""

    runtime: Runtime
    exporter: CaptureExporter
    clock: FixedClock

    def all(self) -> list[ReadableSpan]:
        """All spans sent so far, started records included."""
        self.runtime.flush(10)
        return self.exporter.spans()

    def spans(self) -> list[ReadableSpan]:
        """Finished spans only."""
        return [span for span in self.all() if conventions.STEP_STATE not in (span.attributes or {})]

    def started(self) -> list[ReadableSpan]:
        """Started records only."""
        return [span for span in self.all() if conventions.STEP_STATE in (span.attributes or {})]


@contextmanager
def capture(system: str = "test", **settings: Unpack[RuntimeArguments]) -> Iterator[Captured]:
    """A runtime whose spans stay in memory; strict, with fixed ids and a fixed clock unless ``settings`` say otherwise.

    ``schedule_delay_s`` and the like keep their meaning; the exporter is always the one in memory.
    """
    exporter, clock = CaptureExporter(), FixedClock()
    arguments: RuntimeArguments = {"strict": True, "clock": clock, "id_generator": FixedIds(), **settings}
    arguments["exporter"] = exporter
    runtime = Runtime(system, **arguments)
    try:
        yield Captured(runtime, exporter, clock)
    finally:
        runtime.shutdown(10)
