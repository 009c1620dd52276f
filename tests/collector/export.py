"""Requests of all three signals for the tests, and the three ways to send them."""

from __future__ import annotations

import gzip
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from collector.signals import SHAPES, items
from store.intake import Envelope, Signal
from tests.collector import spans
from tests.collector.running import JSON, PROTOBUF

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from tests.collector.running import Running

NS = 1_760_000_000_000_000_000
"""When everything in these requests happens, in Unix nanoseconds."""

PACK = {"gzip": gzip.compress, "zstd": zstd.compress}
WAYS = ("http/protobuf", "http/json", "grpc")


def request(signal: Signal, count: int = 1) -> bytes:
    """A request with ``count`` good items."""
    return {Signal.TRACES: spans.request, Signal.LOGS: _logs, Signal.METRICS: _metrics}[signal](count)


def spoilt(signal: Signal) -> bytes:
    """A request with two good items and a bad one."""
    message = SHAPES[signal].request.FromString(request(signal, 3))
    bad = list(items(SHAPES[signal], message))[1]
    if signal is Signal.METRICS:
        bad.time_unix_nano = 0
    else:
        bad.span_id = b"short"
    body: bytes = message.SerializeToString()
    return body


def document(signal: Signal) -> dict[str, Any]:
    """One good item in OTLP's JSON."""
    time = str(NS)
    return {
        Signal.TRACES: in_span({"startTimeUnixNano": time, "endTimeUnixNano": time, "name": "pick"}),
        Signal.LOGS: in_record({"timeUnixNano": time, "body": {"stringValue": "picked"}}),
        Signal.METRICS: in_point({"timeUnixNano": time, "asDouble": 1.5}),
    }[signal]


def in_span(fields: dict[str, Any]) -> dict[str, Any]:
    """The document of a span with ids, a start and these fields."""
    span = {"traceId": "ab" * 16, "spanId": "cd" * 8, "startTimeUnixNano": NS, **fields}
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


def in_record(fields: dict[str, Any]) -> dict[str, Any]:
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": [fields]}]}]}


def in_point(fields: dict[str, Any]) -> dict[str, Any]:
    """The document of a gauge with one data point of these fields."""
    metric = {"name": "flow.kpi.backlog", "gauge": {"dataPoints": [fields]}}
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}


def items_of(envelope: Envelope) -> list[Any]:
    """The decoded items of an envelope that reached the sink."""
    shape = SHAPES[envelope.signal]
    return list(items(shape, shape.request.FromString(envelope.request)))


@dataclass(frozen=True)
class Answer:
    """The answer to a sender: the code of its protocol, and either the response or the status."""

    code: Any
    response: Any = None
    status: Any = None

    @property
    def ok(self) -> bool:
        return self.response is not None


def send(running: Running, way: str, signal: Signal, body: bytes, compression: str = "none") -> Answer:
    """Send ``body``, in the encoding of ``way``, and read the answer in the same."""
    if way == "grpc":
        return _over_grpc(running, signal, body, compression)
    headers = dict(PROTOBUF if way == "http/protobuf" else JSON)
    if compression != "none":
        headers["content-encoding"] = compression
        body = PACK[compression](body)
    answer = running.http.post(SHAPES[signal].path, content=body, headers=headers)
    assert answer.headers["content-type"] == headers["content-type"]
    shape = SHAPES[signal].response if answer.status_code == 200 else Status
    read = shape.FromString(answer.content) if way == "http/protobuf" else json.loads(answer.content)
    return Answer(answer.status_code, **{"response" if answer.status_code == 200 else "status": read})


def good(way: str, signal: Signal) -> bytes:
    """One good item in the encoding of ``way``."""
    return json.dumps(document(signal)).encode() if way == "http/json" else request(signal)


def _over_grpc(running: Running, signal: Signal, body: bytes, compression: str) -> Answer:
    shape = SHAPES[signal]
    call = running.grpc.unary_unary(f"/{shape.service}/Export", None, shape.response.FromString)
    packing = grpc.Compression.Gzip if compression == "gzip" else grpc.Compression.NoCompression
    try:
        return Answer(grpc.StatusCode.OK, call(body, timeout=20, compression=packing))
    except grpc.RpcError as error:
        details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
        return Answer(error.code(), status=Status.FromString(details) if details else Status())


def _logs(count: int) -> bytes:
    message = ExportLogsServiceRequest()
    group = message.resource_logs.add()
    group.resource.attributes.add(key="service.name").value.string_value = "wms"
    scope = group.scope_logs.add()
    for number in range(count):
        record = scope.log_records.add(time_unix_nano=NS, trace_id=b"\1" * 16, span_id=b"\2" * 8)
        record.body.string_value = f"picked {number}"
    body: bytes = message.SerializeToString()
    return body


def _metrics(count: int) -> bytes:
    """A sum whose points are 0, 1, 2, …"""
    message = ExportMetricsServiceRequest()
    group = message.resource_metrics.add()
    group.resource.attributes.add(key="service.name").value.string_value = "wms"
    metric = group.scope_metrics.add().metrics.add(name="flow.kpi.picked", unit="1")
    metric.sum.aggregation_temporality = 2
    for number in range(count):
        metric.sum.data_points.add(time_unix_nano=NS, as_int=number)
    body: bytes = message.SerializeToString()
    return body
