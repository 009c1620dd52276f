"""OTLP's receiver checklist, part "HTTP request"."""

from __future__ import annotations

import gzip
import os
import socket
from contextlib import closing

import pytest

from collector.settings import CollectorSettings
from common.units import MIB
from store.intake import Signal
from tests.collector import export
from tests.collector.export import PACK, send
from tests.collector.running import JSON, PROTOBUF, eventually

LIMIT = 200_000
PATHS = {Signal.TRACES: "/v1/traces", Signal.LOGS: "/v1/logs", Signal.METRICS: "/v1/metrics"}
HTTP_WAYS = ("http/protobuf", "http/json")


@pytest.mark.parametrize("signal", Signal)
def test_post_to_the_default_path_and_default_port(running, signal):
    """The three paths take a POST and nothing else, by default on port 4318."""
    answer = running.http.post(PATHS[signal], content=export.request(signal), headers=PROTOBUF)
    assert answer.status_code == 200
    refused = running.http.put(PATHS[signal], content=export.request(signal), headers=PROTOBUF)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert CollectorSettings().http_port == 4318


def test_profiles_have_no_place_here(running):
    """Profiles are still in development; their path is not found, and the answer says what is."""
    answer = running.http.post("/v1development/profiles", content=b"", headers=JSON)
    assert answer.status_code == 404
    assert "/v1/traces" in answer.json()["message"]


@pytest.mark.parametrize("signal", Signal)
def test_both_content_types_on_the_same_port(running, sink, signal):
    """Protobuf and JSON are told apart by the content type alone, whatever its case and parameters."""
    document = export.good("http/json", signal)
    for body, content_type in (
        (export.request(signal), "application/x-protobuf"),
        (document, "application/json"),
        (document, "Application/JSON; charset=utf-8"),
    ):
        answer = running.http.post(PATHS[signal], content=body, headers={"content-type": content_type})
        assert answer.status_code == 200
    eventually(lambda: running.collector.pending_bytes == 0)
    assert {envelope.signal for envelope in sink.envelopes} == {signal}


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("way", HTTP_WAYS)
@pytest.mark.parametrize("encoding", PACK)
def test_content_encoding_gzip_is_accepted(running, way, signal, encoding):
    """So is zstd, which newer senders offer."""
    assert send(running, way, signal, export.good(way, signal), encoding).ok


def test_accept_encoding_gzip_may_gzip_the_response(running):
    """A long answer is packed for whoever asks for it, a short one and anybody else's is not."""
    compressed = running.http.get("/metrics", headers={"accept-encoding": "gzip"})
    plain = running.http.get("/metrics", headers={"accept-encoding": "identity"})
    assert (compressed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert compressed.text.splitlines()[0] == plain.text.splitlines()[0]
    short = running.http.get("/healthz", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in short.headers


@pytest.mark.parametrize("way", HTTP_WAYS)
@pytest.mark.parametrize("encoding", ["none", *PACK])
def test_must_limit_the_body_also_after_decompression_and_should_answer_413(running, way, encoding):
    """20 MiB by default; here 200,000 bytes. Neither a large body nor a bomb is taken, nor is it to be sent again."""
    answer = send(running, way, Signal.TRACES, bytes(LIMIT + 1), encoding)
    assert answer.code == 413
    assert CollectorSettings().max_request_bytes == 20 * MIB


def test_the_limit_holds_before_decompression_too(running):
    """What does not shrink is refused by its size on the wire, announced or not."""
    packed = gzip.compress(os.urandom(LIMIT + 1))
    headers = {**PROTOBUF, "content-encoding": "gzip"}
    assert running.http.post("/v1/traces", content=packed, headers=headers).status_code == 413
    assert running.http.post("/v1/traces", content=iter([packed]), headers=headers).status_code == 413


def test_http_1_1_or_http_2(running):
    """HTTP/1.1 is spoken, with connections kept open; a client that insists on HTTP/2 is told so at once."""
    answers = [running.http.get("/healthz") for _ in range(2)]
    assert {answer.http_version for answer in answers} == {"HTTP/1.1"}
    with closing(socket.create_connection(("127.0.0.1", running.http_port), timeout=20)) as wire:
        wire.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert wire.recv(65536).startswith(b"HTTP/1.1 400 ")
