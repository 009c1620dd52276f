from __future__ import annotations

import gzip
import json
import re
import socket
from contextlib import closing

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.errors import Refusal
from collector.principal import Principal
from collector.service import Collector
from tests.collector.running import JSON, PROTOBUF, Running, eventually, settings
from tests.collector.spans import request, span_ids, spoilt

LIMIT = 200_000
END = {"endTimeUnixNano": "1760000001000000000"}
HEAD = b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n"


def talk(running: Running, *pieces: bytes) -> bytes:
    """Send ``pieces`` over a socket of its own and read until the collector closes."""
    with closing(socket.create_connection(("127.0.0.1", running.http_port), timeout=20)) as wire:
        for piece in pieces:
            try:
                wire.sendall(piece)
            except OSError:
                break
        return read_all(wire)


def read_all(wire: socket.socket) -> bytes:
    answer = b""
    try:
        while data := wire.recv(65536):
            answer += data
    except ConnectionResetError:
        pass
    return answer


def status_line(answer: bytes) -> bytes:
    return answer.partition(b"\r\n")[0]


def test_a_good_request_is_answered_empty_and_reaches_the_sink(running, sink):
    body = request(3)
    answer = running.post(body)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"", PROTOBUF["content-type"])
    eventually(lambda: len(sink.spans) == 3)
    assert sink.envelopes[0].request == body
    assert sink.envelopes[0].tenant == "default"


def test_an_empty_request_is_a_success(running, sink):
    assert running.post(b"").status_code == 200
    assert running.http.post("/v1/traces", content=b"{}", headers=JSON).json() == {}
    assert running.collector.pending_bytes == 0


def test_gzip_is_taken_over_both_encodings(running, sink):
    assert running.post(gzip.compress(request(2)), content_encoding="gzip").status_code == 200
    span = {"traceId": "AB" * 16, "spanId": "cd" * 8, "startTimeUnixNano": "1760000000000000000"} | END
    document = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    headers = {"content-type": "Application/JSON; charset=utf-8", "content-encoding": "gzip"}
    answer = running.http.post("/v1/traces", content=gzip.compress(document), headers=headers)
    assert (answer.status_code, answer.json(), answer.headers["content-type"]) == (200, {}, "application/json")
    eventually(lambda: len(sink.spans) == 3)
    assert bytes.fromhex("cd" * 8) in sink.spans


def test_bad_spans_are_rejected_alone_and_kept_as_dead_letters_with_their_reason(running, sink):
    body = spoilt(2, span_id=b"abc")
    answer = ExportTraceServiceResponse.FromString(running.post(body).content)
    assert answer.partial_success.rejected_spans == 1
    assert answer.partial_success.error_message == "1 span(s): span_id does not have 8 bytes"
    (letter,) = running.collector.dead_letters.list()
    assert (letter.origin, letter.items, letter.reason) == ("door", 1, answer.partial_success.error_message)
    eventually(lambda: len(sink.spans) == 2)
    assert sink.spans == [span for span in span_ids(body) if span != b"abc"]


def test_partial_success_in_json_counts_as_a_string(running):
    good = {"traceId": "ab" * 16, "spanId": "cd" * 8, "startTimeUnixNano": "1760000000000000000"} | END
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [good, {"name": "no ids"}]}]}]}
    answer = running.http.post("/v1/traces", json=document)
    assert answer.json() == {"partialSuccess": {"rejectedSpans": "1", "errorMessage": "1 span(s): trace_id is missing"}}


@pytest.mark.parametrize(
    ("line", "headers", "body", "code"),
    [
        ("POST /v1/traces", PROTOBUF, b"\xff\xff", 400),
        ("POST /v1/traces", JSON, b"{", 400),
        ("POST /v1/traces", {**PROTOBUF, "content-encoding": "gzip"}, b"no gzip", 400),
        ("POST /v1/traces", PROTOBUF, b"x" * (LIMIT + 1), 413),
        ("POST /v1/traces", {**PROTOBUF, "content-encoding": "gzip"}, gzip.compress(bytes(50_000_000), mtime=0), 413),
        ("POST /v1/traces", {"content-type": "text/plain"}, b"x", 415),
        ("POST /v1/traces", {}, b"x", 415),
        ("POST /v1/traces", {**PROTOBUF, "content-encoding": "br"}, b"x", 415),
        ("GET /v1/traces", {}, b"", 405),
        ("PUT /v1/traces", PROTOBUF, b"x", 405),
        ("POST /healthz", PROTOBUF, b"x", 405),
        ("POST /v1development/profiles", PROTOBUF, b"x", 404),
        ("GET /nothing?here", {}, b"", 404),
        ("POST /v1/traces", {**PROTOBUF, "x-long": "y" * 40_000}, b"x", 431),
    ],
)
def test_each_fault_has_its_code_and_a_status_in_the_senders_encoding(running, line, headers, body, code):
    answer = running.http.request(*line.split(), headers=headers, content=body)
    assert answer.status_code == code
    if headers.get("content-type") == PROTOBUF["content-type"]:
        assert answer.headers["content-type"] == PROTOBUF["content-type"]
        message = Status.FromString(answer.content).message
    else:
        assert answer.headers["content-type"] == "application/json"
        message = answer.json()["message"]
    assert message
    assert (answer.headers.get("allow") is not None) == (code == 405)


def test_bad_data_are_explained_in_a_bad_request_detail(running):
    answer = running.http.post("/v1/traces", content=b"[]", headers=JSON).json()
    assert answer["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"


def test_a_large_announcement_is_refused_before_its_body_is_sent(running):
    answer = talk(running, HEAD + b"content-length: 99999999999\r\nexpect: 100-continue\r\n\r\n")
    assert status_line(answer) == b"HTTP/1.1 413 Request Entity Too Large"


def test_a_chunked_body_without_end_is_refused_at_the_limit(running):
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    answer = talk(running, HEAD + b"transfer-encoding: chunked\r\n\r\n", *[chunk] * 200)
    assert status_line(answer) == b"HTTP/1.1 413 Request Entity Too Large"


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param(HEAD + b"x-long: ", id="value"),
        pytest.param(HEAD + b"x-long", id="name"),
        pytest.param(b"POST /", id="path"),
        pytest.param(HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nx-long: ", id="trailer"),
        pytest.param(HEAD + b"transfer-encoding: chunked\r\n\r\n1;x=", id="extension of a chunk"),
    ],
)
def test_a_head_or_trailer_without_end_is_refused_before_it_is_buffered(running, endless):
    answer = talk(running, endless, *[b"y" * 65_536] * 6)
    assert status_line(answer) == b"HTTP/1.1 431 Request Header Fields Too Large"


def test_a_trailer_changes_nothing(tmp_path, sink):
    def authenticate(headers, _peer, _scope):
        return Principal(headers.get("x-tenant", "default"))

    body = request()
    chunked = b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n%x\r\n%s\r\n0\r\n" % (len(body), body)
    with Running(Collector(settings(tmp_path), sink, authenticate=authenticate)) as running:
        answer = talk(running, HEAD + chunked + b"x-tenant: other\r\ncontent-encoding: gzip\r\n\r\n")
        assert status_line(answer) == b"HTTP/1.1 200 OK"
        eventually(lambda: bool(sink.envelopes))
    assert [envelope.tenant for envelope in sink.envelopes] == ["default"]


def test_a_small_gzip_of_countless_spans_is_too_large_and_the_others_are_served(tmp_path, sink):
    bomb = gzip.compress(b"\x0a\x80\x80\x40" + b"\x12\xfc\xff\x3f" + b"\x12\x00" * 524_286)
    with Running(Collector(settings(tmp_path), sink)) as running:
        answer = running.post(bomb, content_encoding="gzip")
        assert (answer.status_code, "more than 100,000 spans" in Status.FromString(answer.content).message) == (
            413,
            True,
        )
        assert running.post(request()).status_code == 200


def test_a_request_without_one_good_span_is_refused_and_leaves_no_letter(running):
    answer = running.post(spoilt(0, span_id=b"abc"))
    assert answer.status_code == 400
    assert "1 span(s): span_id does not have 8 bytes" in Status.FromString(answer.content).message
    assert running.collector.dead_letters.count == 0


def test_a_client_that_expects_it_gets_100_continue(running):
    body = request()
    with closing(socket.create_connection(("127.0.0.1", running.http_port), timeout=20)) as wire:
        wire.sendall(HEAD + b"expect: 100-continue\r\ncontent-length: %d\r\n\r\n" % len(body))
        assert wire.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(body)
        assert status_line(wire.recv(1000)) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    "dribble",
    [
        b"",
        b"POST /v1/tra",
        HEAD,
        HEAD + b"content-length: 100\r\n\r\nonly this",
        HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
)
def test_a_sender_that_never_finishes_is_cut_off(running, dribble):
    answer = talk(running, dribble)
    assert answer == b"" or status_line(answer) == b"HTTP/1.1 503 Service Unavailable"
    assert running.post(request()).status_code == 200


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00\x01\x00", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\r\n\r\nnonsense\r\n\r\n"]
)
def test_what_is_not_http_is_refused(running, noise):
    assert status_line(talk(running, noise)) == b"HTTP/1.1 400 Bad Request"


def test_requests_in_a_pipeline_are_answered_in_order(running, sink):
    good, body = request(), request()
    parts = [HEAD + b"content-length: %d\r\n\r\n" % len(good) + good] * 3
    parts.insert(1, HEAD.replace(b"traces", b"nowhere") + b"content-length: 1\r\n\r\nx")
    last = HEAD + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    answer = talk(running, b"".join(parts) + last)
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200", b"404", b"200", b"200", b"200"]


def test_a_pipeline_that_never_finishes_is_cut_off_after_its_answers(running):
    body = request()
    answer = talk(running, HEAD + b"content-length: %d\r\n\r\n" % len(body) + body + HEAD)
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200", b"503"]


def test_a_sender_that_leaves_in_the_middle_leaves_nothing_behind(running):
    with closing(socket.create_connection(("127.0.0.1", running.http_port), timeout=20)) as wire:
        wire.sendall(HEAD + b"content-length: 100000\r\n\r\n" + b"x" * 5000)
    eventually(lambda: running.collector._running().receiver._held_bytes == 0)


def test_health_is_served_and_head_has_no_body(running):
    assert running.http.get("/healthz").json() == {"alive": True}
    ready = running.http.get("/readyz")
    assert (ready.status_code, ready.json()["ready"], ready.json()["reasons"]) == (200, True, [])
    assert running.http.head("/readyz").content == b""


def test_connections_that_only_wait_make_room_for_new_ones(tmp_path, sink):
    with Running(Collector(settings(tmp_path, max_connections=2), sink)) as running:
        wires = [socket.create_connection(("127.0.0.1", running.http_port), timeout=20) for _ in range(9)]
        assert running.http.get("/healthz").status_code == 200
        for wire in wires:
            wire.close()


def test_the_tenant_comes_from_the_headers_and_a_stranger_is_refused(tmp_path, sink):
    def authenticate(headers, peer, scope):
        assert (peer, scope) == ("127.0.0.1", "ingest")
        if headers.get("x-key") == "blocked":
            raise Refusal("forbidden", "This key may not send.")
        if "x-key" not in headers:
            raise Refusal("unauthenticated", "A key is needed.", "Send it in the header x-key.")
        return Principal(f"tenant of {headers['x-key']}")

    with Running(Collector(settings(tmp_path), sink, authenticate=authenticate)) as running:
        refused = running.post(request())
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert running.post(request(), x_key="blocked").status_code == 403
        assert running.post(request(), x_key="k1").status_code == 200
        eventually(lambda: bool(sink.envelopes))
    assert [envelope.tenant for envelope in sink.envelopes] == ["tenant of k1"]


def test_requests_under_the_name_of_another_host_are_refused(tmp_path, sink):
    with Running(Collector(settings(tmp_path, known_hosts=("localhost", "127.0.0.1")), sink)) as running:
        for path in ("/metrics", "/readyz", "/v1/traces"):
            refused = running.http.get(path, headers={"host": "evil.example"})
            assert (refused.status_code, "FLOWTRAIL_HOSTS" in refused.json()["message"]) == (421, True), path
        assert running.post(request(), host="evil.example").status_code == 421
        assert running.post(request(), host="LOCALHOST:4318").status_code == 200
        with closing(socket.create_connection(("127.0.0.1", running.http_port), timeout=20)) as wire:
            wire.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert wire.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_a_text_that_is_not_utf8_is_repaired_and_told(tmp_path, sink):
    with Running(Collector(settings(tmp_path), sink)) as running:
        body = request(3) + request(1, name="cafX").replace(b"cafX", b"caf\xc3")
        answer = ExportTraceServiceResponse.FromString(running.post(body).content)
        assert (
            answer.partial_success.rejected_spans,
            "1 text(s): not UTF-8" in answer.partial_success.error_message,
        ) == (0, True)
        span = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "cafX"}
        span |= {"startTimeUnixNano": "1760000000000000000", "endTimeUnixNano": "1760000001000000000"}
        text = (
            json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode().replace(b"cafX", b"caf\xc3")
        )
        told = running.http.post("/v1/traces", content=text, headers=JSON).json()
        assert told == {
            "partialSuccess": {"errorMessage": "1 text(s): not UTF-8; what could not be read was replaced by U+FFFD"}
        }
        eventually(lambda: len(sink.envelopes) == 2)
        assert running.metrics()['flowtrail_collector_repaired_texts_total{signal="traces"}'] == 2
