"""Whatever comes in place of an HTTP request, the collector answers in HTTP or hangs up, and serves the next one."""

from __future__ import annotations

import random
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.service import Collector
from proof.fuzz.answers import ALLOWED
from proof.fuzz.messages import nearly
from proof.fuzz.profile import tries
from tests.collector.running import Running, settings
from tests.collector.sinks import MemorySink
from tests.collector.spans import request

BODY = request()
GOOD = (
    b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n"
    % len(BODY)
)
CHUNKED = (
    b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\n{}\r\n0\r\nX-Trailer: 1\r\n\r\n"
)
LINE = st.binary(max_size=40) | st.sampled_from(
    [
        *(b"GET / HTTP/1.1", b"POST /v1/traces HTTP/1.0", b"PRI * HTTP/2.0", b"Host: x", b"Content-Length: -1"),
        *(b"Content-Length: 99999999999999999999", b"Transfer-Encoding: chunked", b"Expect: 100-continue"),
        *(b"Upgrade: h2c", b"Content-Encoding: gzip, gzip", b"Connection: close", b"Content-Length: 5", b": empty"),
        b"Content-Type: \xff",
    ]
)


@pytest.fixture
def running(tmp_path):
    quick = {"header_timeout_s": 1, "request_timeout_s": 1, "idle_timeout_s": 1}
    with Running(Collector(settings(tmp_path, **quick), MemorySink())) as running:
        yield running


def exchange(port, data):
    """Everything that comes back for ``data``, until the other side hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while part := connection.recv(65_536):
                received += part
        except ConnectionResetError:
            pass
        return received


def expect_http(received):
    """One answer after the other, each whole, each with a code that may be."""
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status, *fields = head.decode("latin-1").split("\r\n")
        version, code, _ = status.split(" ", 2)
        assert version in {"HTTP/1.1", "HTTP/1.0"}
        if code == "100":
            received = rest
            continue
        assert int(code) in ALLOWED, head
        headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
        size = int(headers["content-length"])
        assert len(rest) >= size or b"HEAD" in received
        received = rest[size:]


@pytest.mark.parametrize("start", [GOOD + BODY, CHUNKED, GOOD + BODY + CHUNKED])
def test_a_request_with_some_bytes_wrong(running, start):
    @tries(50)
    @given(st.integers(0, 2**64 - 1))
    def run(seed):
        expect_http(exchange(running.http_port, nearly(start, random.Random(seed))))

    run()
    assert running.post(request()).status_code == 200


def test_lines_that_are_no_request(running):
    @tries(80)
    @given(st.lists(LINE, max_size=6), st.binary(max_size=20))
    def run(lines, rest):
        expect_http(exchange(running.http_port, b"\r\n".join(lines) + b"\r\n\r\n" + rest))

    run()
    assert running.post(request()).status_code == 200
