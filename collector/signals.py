"""The three signals of OTLP: their messages, their addresses, and how a request is counted and split.

An item is what is counted and rejected, and where a request may be split: a span, a log record, a data point.
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

    ``levels``: the repeated fields from the request down to spans, log records or metrics. ``noun``: what its items are
    called in messages. ``rejected``: the field of a partial success that counts rejected items.
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
    """The number of items in a request. Raises DecodeError if it is not a request of that signal."""
    return sum(1 for _ in items(SHAPES[signal], SHAPES[signal].request.FromString(body)))


def split_request(signal: Signal, body: bytes) -> tuple[bytes, bytes] | None:
    """Split a request into two with half of the items each. None if it holds fewer than two items."""
    total = count_items(signal, body)
    if total < 2:
        return None
    first_half = [index < total // 2 for index in range(total)]
    return select(signal, body, first_half), select(signal, body, [not first for first in first_half])


def select(signal: Signal, body: bytes, keep: Sequence[bool]) -> bytes:
    """The same request with only some of its items. Resources, scopes and metrics without items are left out.

    ``keep`` has one value per item, in the order of ``items``: ``select(Signal.TRACES, body, [True, False])`` keeps the
    first of two spans.
    """
    shape = SHAPES[signal]
    message = shape.request.FromString(body)
    choice = iter(keep)  # shared by all levels: each takes as many values as it has items
    groups, scopes, leaves = shape.levels
    for group in getattr(message, groups):
        for scope in getattr(group, scopes):
            if signal is Signal.METRICS:  # the items are one level further down, in the data of a metric
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
    """Every scope of a decoded request, with its spans, log records or metrics."""
    groups, inner, leaves = shape.levels
    for group in getattr(message, groups):
        for scope in getattr(group, inner):
            yield scope, getattr(scope, leaves)


def points(metric: Any) -> Sequence[Any]:
    """The data points of a metric of any kind; none if it has no kind."""
    data = _data(metric)
    data_points: Sequence[Any] = () if data is None else data.data_points
    return data_points


def _data(metric: Any) -> Any:
    kind = metric.WhichOneof("data")
    return getattr(metric, kind) if kind else None


def _keep(parent: Any, field: str, keep: Iterable[bool]) -> None:
    """Keep only some elements of a repeated field."""
    chosen = list(compress(getattr(parent, field), keep))
    if len(chosen) == len(getattr(parent, field)):
        return
    # Two copies take linear time. Deleting the elements one by one would take quadratic time.
    copy = type(parent)()
    getattr(copy, field).extend(chosen)
    parent.ClearField(field)
    getattr(parent, field).extend(getattr(copy, field))
