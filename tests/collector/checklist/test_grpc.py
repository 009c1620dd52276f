"""OTLP's receiver checklist, part "gRPC"."""

from __future__ import annotations

import os

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, RetryInfo

from collector.errors import HTTP_STATUS, RPC_CODE
from collector.principal import Principal
from collector.service import Collector
from collector.settings import CollectorSettings
from common.units import MIB
from store.intake import Signal
from tests.collector import export
from tests.collector.export import send
from tests.collector.running import Running, settings

CODE = grpc.StatusCode
RETRYABLE = {CODE.CANCELLED, CODE.DEADLINE_EXCEEDED, CODE.ABORTED, CODE.OUT_OF_RANGE, CODE.UNAVAILABLE, CODE.DATA_LOSS}
BY_NUMBER = {code.value[0]: code for code in CODE}
TRANSIENT = {"quota_exceeded", "overloaded", "log_failed", "timeout"}

# How the OpenTelemetry Collector turns codes of gRPC into statuses of HTTP: internal/errors/errors.go.
HTTP_OF = {
    **dict.fromkeys(RETRYABLE, 503),
    CODE.RESOURCE_EXHAUSTED: 429,
    CODE.INVALID_ARGUMENT: 400,
    CODE.UNAUTHENTICATED: 401,
    CODE.PERMISSION_DENIED: 403,
    CODE.UNIMPLEMENTED: 404,
    CODE.FAILED_PRECONDITION: 409,
}
ONLY_IN_HTTP = {"unsupported_media_type": 415, "method_not_allowed": 405, "headers_too_large": 431, "misdirected": 421}


@pytest.mark.parametrize("signal", Signal)
def test_port_4317_and_unary_export(running, signal):
    """TraceService, LogsService and MetricsService each have one unary call, Export; by default on port 4317."""
    assert send(running, "grpc", signal, export.request(signal)).ok
    assert CollectorSettings().grpc_port == 4317


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_must_enforce_a_message_limit(running, compression):
    """20 MiB by default, here 200,000 bytes, also unpacked; without RetryInfo, so it is not sent again."""
    body = bytes(20 * MIB) if compression == "gzip" else os.urandom(200_001)
    answer = send(running, "grpc", Signal.TRACES, body, compression)
    assert (answer.code, len(answer.status.details)) == (CODE.RESOURCE_EXHAUSTED, 0)
    assert CollectorSettings().max_request_bytes == 20 * MIB


def test_retryable_codes():
    """What passes has a code that clients send again; RESOURCE_EXHAUSTED counts as such only with RetryInfo."""
    codes = {code: BY_NUMBER[number] for code, number in RPC_CODE.items()}
    retryable = {code for code, rpc in codes.items() if rpc in RETRYABLE}
    assert retryable == TRANSIENT - {"quota_exceeded"}
    assert {code for code, rpc in codes.items() if rpc is CODE.RESOURCE_EXHAUSTED} == {"too_large", "quota_exceeded"}


@pytest.mark.parametrize("signal", Signal)
def test_bad_data_should_be_an_invalid_argument_with_a_bad_request(running, signal):
    """What is wrong is in the detail, for people and programs."""
    answer = send(running, "grpc", signal, b"\xff")
    bad = BadRequest()
    assert (answer.code, answer.status.details[0].Unpack(bad)) == (CODE.INVALID_ARGUMENT, True)
    assert str(signal) in bad.field_violations[0].description.lower()


@pytest.mark.parametrize("signal", Signal)
def test_backpressure_should_be_unavailable_with_a_delay_neither_too_short_nor_too_long(tmp_path, sink, signal):
    """Two seconds by default: long enough for some inserts, short enough for a sender's memory."""
    sink.down = True
    limits = {"log_cap_bytes": 1, "drain_timeout_s": 0.1, "retry_after_s": CollectorSettings().retry_after_s}
    with Running(Collector(settings(tmp_path, **limits), sink)) as running:
        answers = [send(running, "grpc", signal, export.request(signal)) for _ in range(2)]
    retry = RetryInfo()
    assert [answer.code for answer in answers] == [CODE.OK, CODE.UNAVAILABLE]
    assert answers[1].status.details[0].Unpack(retry)
    assert 1 <= retry.retry_delay.seconds <= 30


def test_resource_exhausted_by_a_quota_has_retry_info(tmp_path, sink):
    """So a client knows that it may send it again."""

    def authenticate(_metadata, _peer, _scope):
        return Principal("default", key_id="k1", requests_per_s=0.05)

    with Running(Collector(settings(tmp_path), sink, authenticate=authenticate)) as running:
        answers = [send(running, "grpc", Signal.LOGS, export.request(Signal.LOGS)) for _ in range(2)]
    assert [answer.code for answer in answers] == [CODE.OK, CODE.RESOURCE_EXHAUSTED]
    assert answers[1].status.details[0].Is(RetryInfo.DESCRIPTOR)


def test_http_and_grpc_codes_correspond():
    """As in the OpenTelemetry Collector, but for what only HTTP knows, and too large, which is 413 as OTLP says."""
    expected = {code: HTTP_OF.get(BY_NUMBER[number], 500) for code, number in RPC_CODE.items()}
    assert expected | ONLY_IN_HTTP | {"too_large": 413} == HTTP_STATUS
