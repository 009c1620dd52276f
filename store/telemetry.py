"""OTLP requests as a list of items, each with the parts that may hold personal data: attributes, texts, values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(slots=True, eq=False)
class Shared:
    """Attributes of a resource or a scope, which many items share; ``counts`` is for the caller's use."""

    attributes: Any
    counts: Any = None


class Parts(NamedTuple):
    """``attributes``: lists of key and value; ``texts``: messages and names of their fields; ``values``: AnyValues."""

    attributes: list[Any]
    texts: list[tuple[Any, str]]
    values: list[Any]


class Item(NamedTuple):
    """A span, log record or data point; ``parts`` finds what is in it."""

    message: Any
    shared: tuple[Shared, Shared]
    parts: Callable[[Any], Parts]


def items(signal: str, request: bytes) -> tuple[Any, Iterator[Item]]:
    """The request, opened, and its items one by one, to be changed in place. Raises DecodeError."""
    kind, walk = _KINDS[signal]
    message = kind.FromString(request)
    return message, walk(message)


def _spans(request: Any) -> Iterator[Item]:
    for group in request.resource_spans:
        resource = Shared(group.resource.attributes)
        for scope in group.scope_spans:
            shared = (resource, Shared(scope.scope.attributes))
            for span in scope.spans:
                yield Item(span, shared, _in_span)


def _in_span(span: Any) -> Parts:
    lists = [span.attributes, *(event.attributes for event in span.events)]
    lists += (link.attributes for link in span.links)
    texts = [(span, "name"), *((event, "name") for event in span.events)]
    if span.HasField("status"):
        texts.append((span.status, "message"))
    return Parts(lists, texts, [])


def _records(request: Any) -> Iterator[Item]:
    for group in request.resource_logs:
        resource = Shared(group.resource.attributes)
        for scope in group.scope_logs:
            shared = (resource, Shared(scope.scope.attributes))
            for record in scope.log_records:
                yield Item(record, shared, _in_record)


def _in_record(record: Any) -> Parts:
    return Parts([record.attributes], [], [record.body] if record.HasField("body") else [])


def _points(request: Any) -> Iterator[Item]:
    for group in request.resource_metrics:
        resource = Shared(group.resource.attributes)
        for scope in group.scope_metrics:
            shared = (resource, Shared(scope.scope.attributes))
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                for point in getattr(metric, kind).data_points if kind else ():
                    yield Item(point, shared, _in_point)


def _in_point(point: Any) -> Parts:
    exemplars = getattr(point, "exemplars", ())
    return Parts([point.attributes, *(exemplar.filtered_attributes for exemplar in exemplars)], [], [])


_KINDS: Final[dict[str, tuple[Any, Any]]] = {
    "traces": (ExportTraceServiceRequest, _spans),
    "logs": (ExportLogsServiceRequest, _records),
    "metrics": (ExportMetricsServiceRequest, _points),
}
