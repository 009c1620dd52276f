"""OpenTelemetry's own SDK and exporter against the collector."""

from __future__ import annotations

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from tests.collector.running import eventually
from tests.collector.spans import span_names


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_opentelemetrys_own_exporter_delivers(running, sink, compression):
    endpoint = f"http://127.0.0.1:{running.http_port}/v1/traces"
    provider = TracerProvider(resource=Resource({"service.name": "wms"}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, compression=compression)))
    tracer = provider.get_tracer("test")
    with (
        tracer.start_as_current_span("outer", attributes={"flow.case.id": "SO-1"}),
        tracer.start_as_current_span("inner"),
    ):
        pass
    assert provider.force_flush()
    provider.shutdown()
    eventually(lambda: len(sink.spans) == 2)
    assert [name for envelope in sink.envelopes for name in span_names(envelope.request)] == ["inner", "outer"]
