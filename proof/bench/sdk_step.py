"""What a Flowtrail step costs its host, beside a bare OpenTelemetry span that carries the same attributes.

Both are measured in turns within one run, so that a busy machine slows both; all goes to an exporter that does
nothing. ``bare`` is OpenTelemetry's own pipeline (TracerProvider, BatchSpanProcessor); ``bare_same_queue`` puts our
queue behind the same provider, which leaves only the making of the span to compare.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import click
import flowtrail
from flowtrail import testing
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from proof.bench.tools.command import alone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

ROUNDS = 30
STEPS_PER_ROUND = 1000


class NullExporter(SpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS


def run() -> dict[str, Any]:
    """Microseconds per step and per span (medians over the rounds) and their ratios (medians of the rounds' own)."""
    attributes = _attributes()
    runtime = flowtrail.Runtime("wms", exporter=NullExporter(), strict=False, schedule_delay_s=5.0)
    case = _case(runtime)
    providers = [_provider(flowtrail.Runtime("wms", exporter=NullExporter())) for _ in range(2)]
    providers[0].add_span_processor(BatchSpanProcessor(NullExporter(), max_queue_size=runtime.settings.max_queue_size))
    same = flowtrail.Runtime("wms", exporter=NullExporter(), attach_host_spans=providers[1], schedule_delay_s=5.0)
    contestants: dict[str, Callable[[], None]] = {
        "step": lambda: _steps(case),
        "bare": lambda: _spans(providers[0], attributes),
        "bare_same_queue": lambda: _spans(providers[1], attributes),
    }
    times = _measure(contestants, lambda: (runtime.flush(), providers[0].force_flush(), same.flush()))
    _stop(runtime, same, providers[0])
    return _report(times, len(attributes))


def _attributes() -> dict[str, Any]:
    """Exactly what the measured step carries."""
    with testing.capture("wms") as captured:
        _one_step(_case(captured.runtime))
        return dict(captured.spans()[0].attributes or {})


def _case(runtime: flowtrail.Runtime) -> flowtrail.Case:
    flow = flowtrail.Flow("order-to-cash", version="1", runtime=runtime)
    return flow.case("SO-1001", value=(249.90, "EUR"), dims={"channel": "web"}, refs={"package": "P-1"})


def _one_step(case: flowtrail.Case) -> None:
    with case.step("reserve-stock", action="create", refs={"item": "SO-1001-1"}, attempt=1, cost=(0.02, "EUR")):
        pass


def _steps(case: flowtrail.Case) -> None:
    for _ in range(STEPS_PER_ROUND):
        _one_step(case)


def _spans(provider: TracerProvider, attributes: dict[str, Any]) -> None:
    tracer = provider.get_tracer("bench")
    for _ in range(STEPS_PER_ROUND):
        with tracer.start_as_current_span("reserve-stock", attributes=attributes):
            pass


def _provider(runtime: flowtrail.Runtime) -> TracerProvider:
    return TracerProvider(sampler=ALWAYS_ON, resource=runtime.resource, shutdown_on_exit=False)


def _measure(contestants: dict[str, Callable[[], None]], settle: Callable[[], object]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(ROUNDS + 1):
        for name, work in contestants.items():
            begin = time.perf_counter()
            work()
            taken = time.perf_counter() - begin
            settle()
            if number:  # the first round warms up
                times[name].append(taken / STEPS_PER_ROUND * 1e6)
    return times


def _stop(*what: flowtrail.Runtime | TracerProvider) -> None:
    for one in what:
        one.shutdown()


def _report(times: dict[str, list[float]], attributes: int) -> dict[str, Any]:
    def ratio(other: str) -> float:
        return round(statistics.median(a / b for a, b in zip(times["step"], times[other], strict=True)), 3)

    return {
        "ratio": ratio("bare"),
        "ratio_same_queue": ratio("bare_same_queue"),
        "target": 1.5,
        "attributes": attributes,
        "steps_measured": ROUNDS * STEPS_PER_ROUND,
        **{f"{name}_us": round(statistics.median(values), 2) for name, values in times.items()},
    }


@click.command("sdk_step", help=__doc__)
def command() -> dict[str, Any]:
    return run()


if __name__ == "__main__":
    alone(command)
