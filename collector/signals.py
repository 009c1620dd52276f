"""The three signals of OTLP: which messages carry them, where they are sent, and how a request is counted and divided.

An item is what is counted, rejected and divided: a span, a log record, a data point of a metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress, islice
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace

from store.intake import Signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Shape:
    """One signal on the wire.

    ``levels``: the repeated fields from the request down to spans, log records or metrics. ``noun``: its items in
    English. ``rejected``: the field of a partial success that counts them.
    """

    signal: Signal
    path: str
    service: str
    request: Any
    response: Any
    levels: tuple[str, str, str]
    noun: str
    rejected: str


SHAPES: Final = {
    shape.signal: shape
    for shape in (
        Shape(
            Signal.TRACES,
            "/v1/traces",
            "opentelemetry.proto.collector.trace.v1.TraceService",
            trace.ExportTraceServiceRequest,
            trace.ExportTraceServiceResponse,
            ("resource_spans", "scope_spans", "spans"),
            "span(s)",
            "rejected_spans",
        ),
        Shape(
            Signal.LOGS,
            "/v1/logs",
            "opentelemetry.proto.collector.logs.v1.LogsService",
            logs.ExportLogsServiceRequest,
            logs.ExportLogsServiceResponse,
            ("resource_logs", "scope_logs", "log_records"),
            "log record(s)",
            "rejected_log_records",
        ),
        Shape(
            Signal.METRICS,
            "/v1/metrics",
            "opentelemetry.proto.collector.metrics.v1.MetricsService",
            metrics.ExportMetricsServiceRequest,
            metrics.ExportMetricsServiceResponse,
            ("resource_metrics", "scope_metrics", "metrics"),
            "data point(s)",
            "rejected_data_points",
        ),
    )
}


def count_items(signal: Signal, body: bytes) -> int:
    """How many items a request holds. Raises DecodeError if it is not a request of that signal."""
    return sum(1 for _ in items(SHAPES[signal], SHAPES[signal].request.FromString(body)))


def split_request(signal: Signal, body: bytes) -> tuple[bytes, bytes] | None:
    """Divide a request into two with half of the items each; None if it holds one item or none."""
    total = count_items(signal, body)
    if total < 2:
        return None
    left = [index < total // 2 for index in range(total)]
    return select(signal, body, left), select(signal, body, [not one for one in left])


def select(signal: Signal, body: bytes, wanted: Sequence[bool]) -> bytes:
    """The same request with only the items that ``wanted``, in the order of ``items``, says; nothing empty is left."""
    shape = SHAPES[signal]
    message = shape.request.FromString(body)
    choice = iter(wanted)
    groups, scopes, leaves = shape.levels
    for group in getattr(message, groups):
        for scope in getattr(group, scopes):
            if signal is Signal.METRICS:
                for metric in scope.metrics:
                    if (data := _data(metric)) is not None:
                        _keep(data, "data_points", islice(choice, len(data.data_points)))
                _keep(scope, leaves, [bool(points(metric)) for metric in scope.metrics])
            else:
                _keep(scope, leaves, islice(choice, len(getattr(scope, leaves))))
        _keep(group, scopes, [bool(getattr(scope, leaves)) for scope in getattr(group, scopes)])
    _keep(message, groups, [bool(getattr(group, scopes)) for group in getattr(message, groups)])
    selected: bytes = message.SerializeToString()
    return selected


def items(shape: Shape, message: Any) -> Iterator[Any]:
    """Every item of a decoded request, in order."""
    for _, leaves in scopes(shape, message):
        if shape.signal is Signal.METRICS:
            for metric in leaves:
                yield from points(metric)
        else:
            yield from leaves


def scopes(shape: Shape, message: Any) -> Iterator[tuple[Any, Any]]:
    """Every scope of a decoded request with its spans, log records or metrics."""
    groups, inner, leaves = shape.levels
    for group in getattr(message, groups):
        for scope in getattr(group, inner):
            yield scope, getattr(scope, leaves)


def points(metric: Any) -> Sequence[Any]:
    """The data points of a metric, of whatever kind; none if it has no kind."""
    data = _data(metric)
    found: Sequence[Any] = () if data is None else data.data_points
    return found


def _data(metric: Any) -> Any:
    kind = metric.WhichOneof("data")
    return getattr(metric, kind) if kind else None


def _keep(parent: Any, field: str, wanted: Iterable[bool]) -> None:
    """Keep only some of a repeated field, in two copies: to delete one after the other takes the square of the time."""
    chosen = list(compress(getattr(parent, field), wanted))
    if len(chosen) == len(getattr(parent, field)):
        return
    copy = type(parent)()
    getattr(copy, field).extend(chosen)
    parent.ClearField(field)
    getattr(parent, field).extend(getattr(copy, field))
