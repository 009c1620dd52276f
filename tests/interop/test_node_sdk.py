"""OpenTelemetry's Node SDK, over each transport that it has, with traces, logs and metrics."""

from __future__ import annotations

import pytest

from tests.collector.running import eventually
from tests.interop.node import installed, run_sender
from tests.interop.received import Sent, expect_log, expect_metrics, expect_trace


@pytest.fixture(scope="module")
def sender(repository):
    return installed(repository / ".interop")


@pytest.mark.parametrize(
    ("protocol", "compression"), [("http/protobuf", "gzip"), ("http/json", "none"), ("grpc", "none"), ("grpc", "gzip")]
)
def test_everything_it_sends_arrives(sender, running, store, protocol, compression):
    port = running.collector.grpc_port if protocol == "grpc" else running.http_port
    name = f"node-{protocol}-{compression}"
    ids = run_sender(
        sender,
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_EXPORTER_OTLP_COMPRESSION": compression,
            "OTEL_SERVICE_NAME": name,
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_LOGS_EXPORTER": "otlp",
            "OTEL_METRICS_EXPORTER": "otlp",
        },
    )
    eventually(lambda: running.collector.pending_bytes == 0)
    sent = Sent(name, "N-1", **ids)
    expect_trace(store, sent)
    expect_log(store, sent)
    expect_metrics(store, sent)
