"""The real exporter against a real HTTP receiver."""

from __future__ import annotations

import flowtrail
import pytest
from flowtrail import testing
from flowtrail._exporter import upper_bound
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)


def record(runtime, n=1, **details):
    flow = flowtrail.Flow("order-to-cash", runtime=runtime)
    with flow.case("SO-1") as case:
        for i in range(n):
            with case.step(f"step-{i}", **details):
                pass


def exported(url, n=1, timeout_s=20.0, **settings):
    runtime = flowtrail.Runtime("wms", url, timeout_s=timeout_s, **settings)
    record(runtime, n)
    assert runtime.flush(30)
    stats = runtime.stats()
    runtime.shutdown(5)
    return stats


def test_spans_arrive_as_otlp_over_http(receiver):
    assert exported(receiver.url, 3).exported == 3
    assert receiver.names() == ["step-0", "step-1", "step-2"]
    assert receiver.headers[0]["content-type"] == "application/x-protobuf"
    resource = {a.key: a.value.string_value for a in receiver.requests[0].resource_spans[0].resource.attributes}
    assert resource["service.name"] == "wms"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_overload_is_tried_again_when_the_receiver_says(receiver, answer, status):
    receiver.answers = [answer(status, {"Retry-After": "0"}), answer(status, {"Retry-After": "0"})]
    assert exported(receiver.url).exported == 1
    assert len(receiver.requests) == 3
    assert len(set(receiver.bodies)) == 1


def test_retry_after_is_waited_for(receiver, answer):
    receiver.answers = [answer(503, {"Retry-After": "0.3"})]
    assert exported(receiver.url).exported == 1
    assert receiver.times[1] - receiver.times[0] >= 0.3


def test_a_receiver_that_asks_for_more_than_the_timeout_is_given_up(receiver, answer):
    receiver.answers = [answer(503, {"Retry-After": "3600"})]
    assert exported(receiver.url, timeout_s=5).failed == 1
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 413, 500])
def test_a_refusal_is_not_tried_again(receiver, answer, status):
    receiver.answers = [answer(status)]
    stats = exported(receiver.url, 2)
    assert (stats.exported, stats.failed) == (0, 2)
    assert len(receiver.requests) == 1


def test_a_partial_success_counts_what_was_rejected_and_is_not_tried_again(receiver, answer, caplog):
    partial = ExportTracePartialSuccess(rejected_spans=2, error_message="too old")
    receiver.answers = [answer(body=ExportTraceServiceResponse(partial_success=partial).SerializeToString())]
    stats = exported(receiver.url, 5)
    assert (stats.exported, stats.failed) == (3, 2)
    assert len(receiver.requests) == 1
    assert "rejected 2 spans" in caplog.text


def test_an_answer_that_is_no_protobuf_is_still_a_success(receiver, answer):
    receiver.answers = [answer(body=b"<html>ok</html>")]
    assert exported(receiver.url).exported == 1


def test_a_receiver_that_hangs_costs_its_batch_after_the_timeout(receiver, answer):
    receiver.answers = [answer(hang=True)]
    assert exported(receiver.url, timeout_s=0.2).failed == 1


def test_a_collector_that_is_down_is_nobodys_problem(receiver_that_is_down):
    assert exported(receiver_that_is_down.url, timeout_s=0.2).failed == 1


def test_a_batch_too_large_for_one_request_goes_in_parts(receiver):
    runtime = flowtrail.Runtime("wms", receiver.url, max_request_bytes=20_000, timeout_s=20)
    record(runtime, 40, dims={"note": "x" * 1000})
    assert runtime.flush(30)
    assert runtime.stats().exported == 40
    assert len(receiver.requests) > 1
    assert all(len(body) <= 20_000 for body in receiver.bodies)
    runtime.shutdown(5)


def test_one_span_too_large_for_any_request_costs_only_itself(receiver):
    runtime = flowtrail.Runtime("wms", receiver.url, max_request_bytes=5_000, timeout_s=20)
    record(runtime, 2)
    record(runtime, 1, dims={"note": "x" * 8000})
    assert runtime.flush(30)
    assert (runtime.stats().exported, runtime.stats().failed) == (2, 1)
    runtime.shutdown(5)


def test_compression_headers_and_key(receiver):
    exported(receiver.url, compression="gzip", key="secret", headers={"X-Team": "wms"})
    headers = receiver.headers[0]
    assert headers["content-encoding"] == "gzip"
    assert headers["authorization"] == "Bearer secret"
    assert headers["x-team"] == "wms"
    assert receiver.names() == ["step-0"]


def test_the_key_of_the_hosts_own_backend_does_not_go_to_flowtrail(receiver, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-vendor-key=secret,x-team=host")
    exported(receiver.url, headers={"x-team": "wms"})
    assert "x-vendor-key" not in receiver.headers[0]
    assert receiver.headers[0]["x-team"] == "wms"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    exported(None)
    assert receiver.headers[1]["x-vendor-key"] == "secret"


def test_the_key_may_come_from_opentelemetrys_headers(receiver, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20ftk_a_secret")
    exported(None)
    assert receiver.headers[0]["authorization"] == "Bearer ftk_a_secret"


def test_the_key_may_come_from_the_environment(receiver, monkeypatch):
    monkeypatch.setenv("FLOWTRAIL_KEY", "ftk_a_secret")
    exported(receiver.url)
    assert receiver.headers[0]["authorization"] == "Bearer ftk_a_secret"


def test_a_refused_key_fails_at_once_and_is_not_logged(receiver, answer, caplog):
    receiver.answers = [answer(401)]
    runtime = flowtrail.Runtime("wms", receiver.url, key="ftk_a_secret", timeout_s=20)
    record(runtime, 1)
    assert runtime.flush(30)
    assert (runtime.stats().exported, runtime.stats().failed) == (0, 1)
    runtime.shutdown(5)
    assert "ftk_a_secret" not in caplog.text + repr(runtime.settings)


IN_MEMORY = testing.CaptureExporter()
LENIENT = flowtrail.Runtime("wms", exporter=IN_MEMORY, strict=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
VALUES = TEXTS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.lists(TEXTS, max_size=4)


@given(st.lists(st.tuples(TEXTS.filter(str.strip), st.dictionaries(TEXTS, VALUES, max_size=5)), min_size=1, max_size=5))
def test_the_size_is_never_estimated_too_low(steps):
    case = flowtrail.Flow("f", runtime=LENIENT).case("SO-1")
    IN_MEMORY.clear()
    for name, attributes in steps:
        with case.step(name) as step:
            for key, value in attributes.items():
                step.attribute(key, value)
            step.business_error(name, name)
    assert LENIENT.flush(10)
    spans = IN_MEMORY.spans()
    assert len(spans) == len(steps)
    assert encode_spans(spans).ByteSize() <= upper_bound(spans)
