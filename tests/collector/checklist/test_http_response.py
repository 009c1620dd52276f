"""OTLP's receiver checklist, part "HTTP response"."""

from __future__ import annotations

import json

import pytest
from google.protobuf.json_format import ParseDict
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from google.rpc.status_pb2 import Status

from collector.errors import HTTP_STATUS, Refusal
from collector.principal import Principal
from collector.service import Collector
from store.intake import Signal
from tests.collector import export
from tests.collector.export import NS, SHAPES, in_span, send
from tests.collector.running import JSON, PROTOBUF, Running, settings

HTTP_WAYS = ("http/protobuf", "http/json")
RETRYABLE = {429, 502, 503, 504}
TRANSIENT = {"quota_exceeded", "overloaded", "log_failed", "timeout"}

FAULTS = {
    "no such address": ("POST", "/v1/nothing", {}, b"", 404),
    "wrong method": ("GET", "/v1/traces", {}, b"", 405),
    "undecodable": ("POST", "/v1/traces", {}, b"\xff", 400),
    "too large": ("POST", "/v1/traces", {}, bytes(200_001), 413),
    "odd encoding": ("POST", "/v1/traces", {"content-encoding": "br"}, b"x", 415),
    "long head": ("POST", "/v1/traces", {"x-long": "y" * 40_000}, b"", 431),
}


@pytest.mark.parametrize("headers", [PROTOBUF, JSON])
@pytest.mark.parametrize("fault", FAULTS)
def test_must_use_the_content_type_of_the_request_for_errors_which_are_a_google_rpc_status(running, headers, fault):
    """Every 4xx carries a google.rpc.Status in the sender's encoding, with a message; so it does for success."""
    method, path, more, body, code = FAULTS[fault]
    answer = running.http.request(method, path, headers=headers | more, content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (code, headers["content-type"])
    assert _status(answer).message
    good = export.good("http/json" if headers is JSON else "http/protobuf", Signal.TRACES)
    assert (
        running.http.post("/v1/traces", content=good, headers=headers).headers["content-type"]
        == headers["content-type"]
    )


@pytest.mark.parametrize("headers", [PROTOBUF, JSON])
def test_refusals_of_a_full_collector_are_a_google_rpc_status_too(tmp_path, sink, headers):
    """Every 5xx, 401 and 403 likewise."""

    def authenticate(headers, _peer, _scope):
        if "x-key" not in headers:
            raise Refusal("unauthenticated", "A key is needed.")
        if headers["x-key"] == "reader":
            raise Refusal("forbidden", "This key may not send.")
        return Principal("default")

    sink.down = True
    limits = {"log_cap_bytes": 1, "drain_timeout_s": 0.1}
    with Running(Collector(settings(tmp_path, **limits), sink, authenticate=authenticate)) as running:
        body = export.good("http/json" if headers is JSON else "http/protobuf", Signal.LOGS)
        answers = [
            running.http.post("/v1/logs", content=body, headers=headers | key)
            for key in ({}, {"x-key": "reader"}, {"x-key": "writer"}, {"x-key": "writer"})
        ]
    assert [answer.status_code for answer in answers] == [401, 403, 200, 503]
    assert all(_status(answer).message for answer in answers if answer.status_code != 200)
    assert answers[0].headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("signal", Signal)
def test_full_success_is_200_with_partial_success_unset(running, signal):
    """All is well: an Export…ServiceResponse with nothing in it."""
    answer = running.http.post(SHAPES[signal].path, content=export.request(signal, 3), headers=PROTOBUF)
    assert (answer.status_code, answer.content) == (200, b"")
    assert not SHAPES[signal].response.FromString(answer.content).HasField("partial_success")
    assert send(running, "http/json", signal, export.good("http/json", signal)).response == {}


@pytest.mark.parametrize("signal", Signal)
def test_partial_success_must_count_the_rejected_and_should_say_why(running, sink, signal):
    """The good items are kept; each signal counts in a field of its own, and the reason is in English."""
    partial = send(running, "http/protobuf", signal, export.spoilt(signal)).response.partial_success
    assert getattr(partial, SHAPES[signal].rejected) == 1
    assert partial.error_message.startswith(f"1 {SHAPES[signal].noun}: ")
    (letter,) = running.collector.dead_letters.list()
    assert (letter.origin, letter.signal, letter.items) == ("door", signal, 1)


def test_the_client_must_not_send_a_partial_success_again(running):
    """So it comes with 200, and what was rejected is not offered for a repetition."""
    answer = running.http.post("/v1/traces", content=export.spoilt(Signal.TRACES), headers=PROTOBUF)
    assert (answer.status_code, "retry-after" in answer.headers) == (200, False)


def test_warnings_have_rejected_0_and_a_message(running):
    """Spans that are kept although something is odd about them: the sender hears of it."""
    document = json.dumps(in_span({"endTimeUnixNano": NS - 1000})).encode()
    assert send(running, "http/json", Signal.TRACES, document).response == {
        "partialSuccess": {"errorMessage": "1 span(s): the end is a little before the start; kept with a duration of 0"}
    }
    values = running.metrics()
    assert values['flowtrail_collector_requests_total{outcome="ok",protocol="http/json",signal="traces"}'] == 1


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize(("way", "body"), [("http/protobuf", b"\xff"), ("http/json", b"{")])
def test_undecodable_must_answer_400_and_should_carry_a_bad_request(running, signal, way, body):
    """What can never be read is refused for good, with the detail that says what is wrong."""
    answer = send(running, way, signal, body)
    read = ParseDict(answer.status, Status()) if way == "http/json" else answer.status
    bad = BadRequest()
    assert (answer.code, read.details[0].Unpack(bad)) == (400, True)
    assert str(signal) in bad.field_violations[0].description.lower()


def test_retryable_are_only_429_502_503_and_504():
    """A fault that passes gets one of them and a time to come back; nothing else gets either, least of all 500."""
    assert {code for code, http in HTTP_STATUS.items() if http in RETRYABLE} == TRANSIENT
    assert {http for code, http in HTTP_STATUS.items() if code in TRANSIENT} == {429, 503}


def test_overload_should_answer_429_or_503_and_may_say_retry_after(tmp_path, sink):
    """A full log says 503, a used-up quota 429; both say in seconds when to come back."""

    def authenticate(_headers, _peer, _scope):
        return Principal("default", key_id="k1", requests_per_s=0.05)

    with Running(Collector(settings(tmp_path), sink, authenticate=authenticate)) as running:
        answers = [running.post(export.request(Signal.TRACES)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert 1 <= int(answers[1].headers["retry-after"]) <= 20
    retry = RetryInfo()
    assert Status.FromString(answers[1].content).details[0].Unpack(retry)
    assert retry.retry_delay.seconds == int(answers[1].headers["retry-after"])

    sink.down = True
    limits = {"log_cap_bytes": 1, "drain_timeout_s": 0.1, "retry_after_s": 7}
    with Running(Collector(settings(tmp_path / "full", **limits), sink)) as running:
        answers = [running.post(export.request(Signal.TRACES)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 503]
    assert answers[1].headers["retry-after"] == "7"


def _status(answer) -> Status:
    if answer.headers["content-type"] == JSON["content-type"]:
        return ParseDict(answer.json(), Status())
    return Status.FromString(answer.content)
