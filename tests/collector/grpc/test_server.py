from __future__ import annotations

import os
import threading

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from collector.errors import Refusal
from collector.principal import Principal
from collector.service import Collector
from tests.collector.running import Running, eventually, settings
from tests.collector.spans import request, spoilt

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def send(running: Running, body: bytes, **options):
    """Export raw bytes, so that a broken body can be sent too."""
    return running.grpc.unary_unary(EXPORT, None, ExportTraceServiceResponse.FromString)(body, timeout=20, **options)


def refusal_of(running: Running, body: bytes, **options) -> tuple[grpc.StatusCode, Status | None]:
    with pytest.raises(grpc.RpcError) as failed:
        send(running, body, **options)
    metadata = dict(failed.value.trailing_metadata() or ())
    details = metadata.get("grpc-status-details-bin")
    return failed.value.code(), Status.FromString(details) if details else None


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_the_official_stub_delivers(running, sink, compression):
    message = ExportTraceServiceRequest.FromString(request(4))
    answer = TraceServiceStub(running.grpc).Export(message, compression=compression, timeout=20)
    assert answer == ExportTraceServiceResponse()
    eventually(lambda: len(sink.spans) == 4)


def test_bad_spans_are_a_partial_success(running, sink):
    answer = send(running, spoilt(3, trace_id=b""))
    assert answer.partial_success.rejected_spans == 1
    eventually(lambda: len(sink.spans) == 3)


def test_what_cannot_be_decoded_is_an_invalid_argument_with_a_bad_request(running):
    code, status = refusal_of(running, b"\xff\xff")
    assert (code, status.code) == (grpc.StatusCode.INVALID_ARGUMENT, 3)
    assert status.details[0].Is(BadRequest.DESCRIPTOR)


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_a_message_over_the_limit_exhausts_the_resources(running, compression):
    body = bytes(20_000_000) if compression is grpc.Compression.Gzip else os.urandom(300_000)
    code, _ = refusal_of(running, body, compression=compression)
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_another_service_is_unimplemented(running):
    with pytest.raises(grpc.RpcError) as failed:
        running.grpc.unary_unary("/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export")(b"")
    assert failed.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_full_log_is_unavailable_with_a_time_to_come_back(tmp_path, sink):
    sink.down = True
    with Running(Collector(settings(tmp_path, log_cap_bytes=1, drain_timeout_s=0.1), sink)) as running:
        send(running, request())
        code, status = refusal_of(running, request())
    retry = RetryInfo()
    assert status.details[0].Unpack(retry)
    assert (code, retry.retry_delay.seconds) == (grpc.StatusCode.UNAVAILABLE, 1)


def test_the_tenant_comes_from_the_metadata(tmp_path, sink):
    def authenticate(headers, peer, scope):
        assert (peer, scope) == ("127.0.0.1", "ingest")
        if "x-key" not in headers:
            raise Refusal("unauthenticated", "A key is needed.")
        return Principal(headers["x-key"])

    with Running(Collector(settings(tmp_path), sink, authenticate=authenticate)) as running:
        assert refusal_of(running, request())[0] == grpc.StatusCode.UNAUTHENTICATED
        send(running, request(), metadata=(("x-key", "acme"), ("x-odd-bin", b"\xff")))
        eventually(lambda: bool(sink.envelopes))
    assert sink.envelopes[0].tenant == "acme"


def never(sent: threading.Event):
    """A request whose message never comes."""
    sent.wait(30)
    yield from ()


def export_slowly(running: Running, sent: threading.Event, **options) -> grpc.StatusCode:
    call = running.grpc.stream_unary(EXPORT, None, ExportTraceServiceResponse.FromString)
    with pytest.raises(grpc.RpcError) as failed:
        call(never(sent), timeout=20, **options)
    return failed.value.code()


def test_a_stranger_is_refused_before_the_message_is_read(tmp_path, sink):
    def authenticate(_headers, _peer, _scope):
        raise Refusal("forbidden", "This key may not send.")

    sent = threading.Event()
    with Running(Collector(settings(tmp_path), sink, authenticate=authenticate)) as running:
        assert export_slowly(running, sent) == grpc.StatusCode.PERMISSION_DENIED
        sent.set()


def test_a_message_that_never_arrives_times_out_and_may_be_sent_again(tmp_path, sink):
    sent = threading.Event()
    with Running(Collector(settings(tmp_path, request_timeout_s=0.2, max_grpc_requests=1), sink)) as running:
        assert export_slowly(running, sent) == grpc.StatusCode.DEADLINE_EXCEEDED
        sent.set()
        assert send(running, request()) == ExportTraceServiceResponse()  # the slot is free again


def test_an_export_without_a_message_is_refused(running):
    sent = threading.Event()
    sent.set()
    assert export_slowly(running, sent) == grpc.StatusCode.INVALID_ARGUMENT


def test_repeated_metadata_are_joined(tmp_path, sink):
    seen = []

    def authenticate(headers, _peer, _scope):
        seen.append(headers["authorization"])
        return Principal("default")

    with Running(Collector(settings(tmp_path), sink, authenticate=authenticate)) as running:
        send(running, request(), metadata=(("authorization", "Bearer a"), ("authorization", "Bearer b")))
    assert seen in (["Bearer a,Bearer b"], ["Bearer a, Bearer b"])


def test_more_connections_than_allowed_are_closed(tmp_path, sink):
    with Running(Collector(settings(tmp_path, max_connections=1), sink)) as running:
        send(running, request())
        with grpc.insecure_channel(
            f"127.0.0.1:{running.collector.grpc_port}", [("grpc.use_local_subchannel_pool", 1)]
        ) as more:
            call = more.unary_unary(EXPORT, None, ExportTraceServiceResponse.FromString)
            with pytest.raises(grpc.RpcError) as failed:
                call(request(), timeout=20)
        assert failed.value.code() == grpc.StatusCode.UNAVAILABLE
