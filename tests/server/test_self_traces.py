"""Traces of the server's own work: what they say, and that they never cause more of themselves."""

from __future__ import annotations

from collections import Counter

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.service import Collector
from collector.telemetry.tracing import NO_TRACING, SELF_TRACE_ATTRIBUTE, is_self_trace
from server.self_traces import SelfTraces, self_tracing, traced_sink
from server.settings import Settings
from tests.collector.events.reading import attributes
from tests.collector.running import Running, eventually, settings
from tests.collector.sinks import MemorySink
from tests.collector.spans import request


class Observed:
    """A collector that sends its own traces to itself."""

    def __init__(self, running: Running, sink: MemorySink, tracing: SelfTraces) -> None:
        self.running = running
        self.sink = sink
        self._tracing = tracing

    def flush(self) -> None:
        assert self._tracing._provider.force_flush(10_000)
        eventually(lambda: self.running.collector.pending_bytes == 0)

    def spans(self) -> list:
        requests = [
            ExportTraceServiceRequest.FromString(one.request)
            for one in self.sink.envelopes
            if is_self_trace(one.request)
        ]
        groups = [group for one in requests for group in one.resource_spans]
        return [span for group in groups for scope in group.scope_spans for span in scope.spans]

    def names(self) -> Counter:
        return Counter(span.name for span in self.spans())


@pytest.fixture
def observed(tmp_path):
    def start(ratio: float = 1.0) -> Observed:
        sink = MemorySink()
        late = []

        def store(envelopes, token):
            late[0](envelopes, token)  # the address is known once the collector runs

        collector = Collector(settings(tmp_path), store)
        running = Running(collector)
        running.__enter__()
        tracing = SelfTraces(f"http://127.0.0.1:{running.http_port}", ratio)
        late.append(traced_sink(tracing, sink))
        collector.telemetry.tracing = tracing
        opened.append((running, tracing))
        return Observed(running, sink, tracing)

    opened: list[tuple[Running, SelfTraces]] = []
    yield start
    for running, tracing in opened:
        tracing.close()
        running.__exit__()


def test_a_request_is_a_trace_with_its_parts(observed):
    seen = observed()
    assert seen.running.post(request(3)).status_code == 200
    eventually(lambda: len(seen.sink.envelopes) == 1)
    seen.flush()
    eventually(lambda: seen.names()["receive"] == 1)
    spans = {span.name: span for span in seen.spans()}
    assert set(spans) == {"receive", "check", "commit", "insert"}
    assert spans["check"].parent_span_id == spans["commit"].parent_span_id == spans["receive"].span_id
    assert spans["insert"].parent_span_id == b""
    said = attributes(spans["receive"])
    assert (said["flowtrail.signal"], said["flowtrail.protocol"]) == ("traces", "http/protobuf")
    assert said["flowtrail.bytes"] == len(request(3))


def test_its_own_traces_cause_no_more_of_them(observed):
    seen = observed()
    for _ in range(20):
        seen.running.post(request(1))
    eventually(lambda: len(seen.sink.envelopes) == 20)
    seen.flush()
    first = seen.names()
    assert first["receive"] == 20
    for _ in range(5):
        seen.flush()
    assert seen.names() == first
    assert seen.running.collector.telemetry.requests.value(outcome="ok") <= 20 + 3  # each flush with something in it


def test_what_fails_is_told_without_what_was_sent(observed):
    seen = observed()
    assert seen.running.post(b"secret-customer-name \xff").status_code == 400
    seen.flush()
    eventually(lambda: seen.names()["receive"] == 1)
    [span] = [span for span in seen.spans() if span.name == "receive"]
    assert span.status.code == 2
    assert attributes(span)["error.type"] == "invalid_data"
    assert not any(b"secret-customer" in envelope.request for envelope in seen.sink.envelopes)


def test_only_the_share_that_was_asked_for_is_reported(observed):
    seen = observed(ratio=0.2)
    for _ in range(100):
        seen.running.post(request(1))
    seen.flush()
    assert 2 <= seen.names()["receive"] <= 50
    assert seen.names()["receive"] == seen.names()["commit"] == seen.names()["check"]


def test_nothing_is_traced_unless_somebody_asks():
    assert self_tracing(Settings()) is NO_TRACING
    assert self_tracing(Settings(self_traces_endpoint="http://127.0.0.1:1", self_traces_ratio=0)) is NO_TRACING


def test_an_endpoint_that_is_away_holds_nothing_up(tmp_path):
    tracing = SelfTraces("http://127.0.0.1:1/v1/traces", 1.0)
    sink = MemorySink()
    collector = Collector(settings(tmp_path), sink)
    collector.telemetry.tracing = tracing
    with Running(collector) as running:
        assert running.post(request(1)).status_code == 200
        eventually(lambda: len(sink.envelopes) == 1)


def test_the_mark_is_in_the_bytes_of_the_traces(observed):
    seen = observed()
    seen.running.post(request(1))
    seen.flush()
    eventually(lambda: seen.names()["receive"] == 1)
    own = next(one.request for one in seen.sink.envelopes if is_self_trace(one.request))
    resource = ExportTraceServiceRequest.FromString(own).resource_spans[0].resource
    assert attributes(resource)[SELF_TRACE_ATTRIBUTE] is True
    assert attributes(resource)["service.name"] == "flowtrail-server"
