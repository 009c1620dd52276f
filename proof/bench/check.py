"""What the check at the door costs: CPU microseconds per item, beside decoding alone, by size of a request.

``python -m proof.bench.check``. Rounds of both are taken in turn and the best of each is printed, so that the ratio
holds on a busy machine, too.
"""

from __future__ import annotations

import random
import sys
import time
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.allocator import keep_freed_memory
from collector.check.request import check
from collector.check.rules import CheckRules
from collector.settings import CollectorSettings
from collector.signals import SHAPES
from store.intake import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (100, 512, 5000)
ATTRIBUTES = 11
_ROUNDS = 15
_ITEMS_A_ROUND = 20_000


def run() -> dict[str, Any]:
    """Signal and items a request → microseconds per item of the check and of decoding, and their ratio."""
    return {f"{signal}, {size} a request": measure(signal, size) for signal in Signal for size in SIZES}


def measure(signal: Signal, size: int) -> dict[str, float]:
    body = request(signal, size)
    rules, now_ns, message = CheckRules.of(CollectorSettings()), time.time_ns(), SHAPES[signal].request
    checking = decoding = float("inf")
    for _ in range(_ROUNDS):
        decoding = min(decoding, _cpu_us(lambda: message.FromString(body), size))
        checking = min(checking, _cpu_us(lambda: check(body, signal, rules, now_ns), size))
    return {"check_us": round(checking, 2), "decode_us": round(decoding, 2), "ratio": round(checking / decoding, 2)}


def request(signal: Signal, size: int) -> bytes:
    """A request of ``size`` clean items with 11 attributes each, one of them a typed id."""
    dice = random.Random(1)
    build = {Signal.TRACES: _spans, Signal.LOGS: _records, Signal.METRICS: _points}[signal]
    body: bytes = build(size, dice, time.time_ns()).SerializeToString()
    return body


def _spans(size: int, dice: random.Random, now_ns: int) -> Any:
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add()
    _describe(group.resource, ("service.name",))
    scope = group.scope_spans.add()
    for number in range(size):
        span = scope.spans.add(trace_id=dice.randbytes(16), span_id=dice.randbytes(8), name="reserve-stock", kind=1)
        span.start_time_unix_nano, span.end_time_unix_nano = now_ns - 2_000_000 + number, now_ns - 1_000_000 + number
        _describe(span, _names())
    return message


def _records(size: int, dice: random.Random, now_ns: int) -> Any:
    message = ExportLogsServiceRequest()
    group = message.resource_logs.add()
    _describe(group.resource, ("service.name",))
    scope = group.scope_logs.add()
    for number in range(size):
        record = scope.log_records.add(trace_id=dice.randbytes(16), span_id=dice.randbytes(8), time_unix_nano=now_ns)
        record.body.string_value = f"stock for SO-{number} is reserved"
        _describe(record, _names())
    return message


def _points(size: int, _dice: random.Random, now_ns: int) -> Any:
    message = ExportMetricsServiceRequest()
    group = message.resource_metrics.add()
    _describe(group.resource, ("service.name",))
    metric = group.scope_metrics.add().metrics.add(name="flow.kpi.backlog", unit="1")
    for number in range(size):
        _describe(metric.gauge.data_points.add(time_unix_nano=now_ns, as_int=number), _names())
    return message


def _names() -> tuple[str, ...]:
    return ("flow.ref.package", *(f"flow.dim.name-{number}" for number in range(ATTRIBUTES - 1)))


def _describe(message: Any, names: tuple[str, ...]) -> None:
    for name in names:
        message.attributes.add(key=name).value.string_value = f"value of {name}"


def _cpu_us(work: Callable[[], object], size: int) -> float:
    times = max(1, _ITEMS_A_ROUND // size)
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times / size * 1e6


if __name__ == "__main__":
    keep_freed_memory()  # as the product does
    for name, figures in run().items():
        sys.stdout.write(f"{name:<28} {figures}\n")
