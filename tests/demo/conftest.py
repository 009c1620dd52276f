"""A receiver of OTLP over real HTTP, and a small history shared by the tests that read it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flowtrail.testing import CaptureExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from demo.history import HistorySummary, make_history

UNTIL = datetime(2026, 3, 16, 7, 40, tzinfo=UTC)
"""A Monday morning: approvers have not come round to the orders of the weekend."""


@dataclass(frozen=True)
class Span:
    """One span, from OTLP or from memory, in one shape."""

    system: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    start_ns: int
    end_ns: int
    failed: bool
    attributes: dict[str, Any]

    @property
    def finished(self) -> bool:
        return "flow.step.state" not in self.attributes

    def refs(self) -> dict[str, list[str]]:
        found = {k.removeprefix("flow.ref."): v for k, v in self.attributes.items() if k.startswith("flow.ref.")}
        return {kind: [ids] if isinstance(ids, str) else list(ids) for kind, ids in found.items()}


@dataclass
class Sink:
    """What a tiny collector has received so far."""

    endpoint: str
    spans: list[Span] = field(default_factory=list)


@pytest.fixture
def sink() -> Iterator[Sink]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.spans.extend(_from_otlp(ExportTraceServiceRequest.FromString(body)))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Sink(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def _from_otlp(request: ExportTraceServiceRequest) -> list[Span]:
    return [
        Span(
            system=next(a.value.string_value for a in group.resource.attributes if a.key == "service.name"),
            name=span.name,
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent_id=span.parent_span_id.hex(),
            start_ns=span.start_time_unix_nano,
            end_ns=span.end_time_unix_nano,
            failed=span.status.code == 2,
            attributes={a.key: _value(a.value) for a in span.attributes},
        )
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind)


def from_memory(system: str, exporter: CaptureExporter) -> list[Span]:
    return [
        Span(
            system=system,
            name=span.name,
            trace_id=f"{span.context.trace_id:032x}",
            span_id=f"{span.context.span_id:016x}",
            parent_id=f"{span.parent.span_id:016x}" if span.parent else "",
            start_ns=span.start_time,
            end_ns=span.end_time,
            failed=span.status.status_code.name == "ERROR",
            attributes=dict(span.attributes),
        )
        for span in exporter.spans()
    ]


@dataclass(frozen=True)
class MadeHistory:
    summary: HistorySummary
    spans: list[Span]
    truth_text: str


def made_history(tmp_path, *, orders: int = 60, seed: int = 7, **more: Any) -> MadeHistory:
    exporters: dict[str, CaptureExporter] = {}
    truth_path = tmp_path / "truth.json"
    summary = make_history(
        "in memory",
        UNTIL,
        weeks=2,
        orders=orders,
        seed=seed,
        truth_path=truth_path,
        exporter=lambda system: exporters.setdefault(system, CaptureExporter()),
        **more,
    )
    spans = [span for system, exporter in exporters.items() for span in from_memory(system, exporter)]
    return MadeHistory(summary, spans, truth_path.read_text())


@pytest.fixture(scope="session")
def history(tmp_path_factory) -> MadeHistory:
    """Two weeks 60 orders."""
    return made_history(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="session")
def rich_history(tmp_path_factory) -> MadeHistory:
    """Enough orders for everything to happen once."""
    return made_history(tmp_path_factory.mktemp("history"), orders=400, seed=3)
