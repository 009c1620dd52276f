"""OpenTelemetry's Python SDK, over each transport that it has, with traces, logs and metrics."""

from __future__ import annotations

import time

import grpc
import pytest
from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from tests.collector.running import eventually
from tests.interop.received import Sent, expect_log, expect_metrics, expect_trace

HTTP = (HttpSpans, HttpLogs, HttpMetrics)
GRPC = (GrpcSpans, GrpcLogs, GrpcMetrics)


@pytest.fixture
def make(running):
    """Exporters of the three signals by transport."""

    def exporters(transport, compression):
        if transport == "grpc":
            endpoint = f"127.0.0.1:{running.collector.grpc_port}"
            packed = grpc.Compression.Gzip if compression == "gzip" else grpc.Compression.NoCompression
            return [kind(endpoint=endpoint, insecure=True, compression=packed) for kind in GRPC]
        packed = Compression(compression)
        paths = ("traces", "logs", "metrics")
        return [
            kind(endpoint=f"http://127.0.0.1:{running.http_port}/v1/{path}", compression=packed)
            for kind, path in zip(HTTP, paths, strict=True)
        ]

    return exporters


@pytest.mark.parametrize(
    ("transport", "compression"), [("http", "none"), ("http", "gzip"), ("grpc", "none"), ("grpc", "gzip")]
)
def test_everything_it_sends_arrives(make, running, store, transport, compression):
    name = f"python-{transport}-{compression}"
    spans, logs, metrics = make(transport, compression)
    resource = Resource({"service.name": name})
    tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
    tracers.add_span_processor(BatchSpanProcessor(spans))
    loggers = LoggerProvider(resource=resource, shutdown_on_exit=False)
    loggers.add_log_record_processor(BatchLogRecordProcessor(logs))
    meters = MeterProvider([PeriodicExportingMetricReader(metrics)], resource, shutdown_on_exit=False)
    sent = use(name, tracers, loggers, meters)
    for provider in (tracers, loggers, meters):
        provider.shutdown()
    eventually(lambda: running.collector.pending_bytes == 0)
    expect_trace(store, sent)
    expect_log(store, sent)
    expect_metrics(store, sent)


def use(name, tracers, loggers, meters):
    """What ``sender.mjs`` does."""
    tracer = tracers.get_tracer("interop", "1.2.3")
    case = {"flow.name": "interop", "flow.case.id": "P-1"}
    with tracer.start_as_current_span(
        "outer", kind=SpanKind.SERVER, attributes={**case, "flow.step": "outer"}
    ) as outer:
        loggers.get_logger("interop", "1.2.3").emit(
            LogRecord(
                timestamp=time.time_ns(),
                context=trace.set_span_in_context(outer),
                severity_number=SeverityNumber.WARN,
                severity_text="WARN",
                body="nothing on the shelf",
                attributes=case,
            )
        )
        attributes = {"text": "ü", "yes": True, "whole": 42, "part": 0.5, "list": ["a", "b"]}
        links = [Link(outer.get_span_context())]
        with tracer.start_as_current_span("inner", kind=SpanKind.CLIENT, attributes=attributes, links=links) as inner:
            inner.add_event("looked", {"at": "shelf"})
            inner.set_status(Status(StatusCode.ERROR, "not there"))
    meter = meters.get_meter("interop", "1.2.3")
    meter.create_counter("flow.kpi.picked", unit="1").add(3, {"flow.name": "interop"})
    meter.create_gauge("shelf.temperature", unit="Cel").set(21.5)
    meter.create_histogram("shelf.walk", unit="s").record(4)
    trace_id, outer_id, inner_id = (
        f"{outer.get_span_context().trace_id:032x}",
        *(f"{span.get_span_context().span_id:016x}" for span in (outer, inner)),
    )
    return Sent(name, "P-1", trace_id, outer_id, inner_id)
