"""The web ports against clients that take too much or too long."""

import asyncio
import logging
import socket
import threading
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial

import httpx
import pytest

from server.web import WebServer
from server.web_connection import WebLimits

WAITING = threading.Semaphore(0)
HEAD = b"GET / HTTP/1.1\r\nhost: x\r\n"


async def hello(scope, receive, send):
    """Answers with the number of bytes of the body; at ``/wait`` only waits until the client is gone."""
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        if not message["more_body"]:
            break
    if scope["path"] == "/wait":
        WAITING.release()
        await receive()
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


@contextmanager
def serving(**limits):
    started = Future()

    async def serve():
        stopping, loop = asyncio.Event(), asyncio.get_running_loop()
        server = WebServer(hello, "127.0.0.1", 0, limits=WebLimits(**limits))
        await server.start()
        started.set_result((server.port, partial(loop.call_soon_threadsafe, stopping.set)))
        await stopping.wait()
        await server.stop()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    port, stop = started.result(20)
    try:
        yield port
    finally:
        stop()
        thread.join()


def connected(port, data=b""):
    wire = socket.create_connection(("127.0.0.1", port), timeout=20)
    wire.sendall(data)
    return wire


def read(wire):
    """Everything until the server closes."""
    pieces = []
    try:
        while piece := wire.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pieces.append(b"<reset>")
    return b"".join(pieces)


def test_a_new_connection_takes_the_place_of_the_oldest_one_that_only_waits():
    with serving(connections=3) as port:
        waiting = [connected(port, b"G") for _ in range(3)]
        assert httpx.get(f"http://127.0.0.1:{port}/").text == "0"
        assert read(waiting[0]) in (b"", b"<reset>")
        waiting[2].sendall(HEAD[1:] + b"connection: close\r\n\r\n")
        assert read(waiting[2]).startswith(b"HTTP/1.1 200 OK")


def test_a_connection_is_refused_while_all_others_are_being_answered():
    with serving(connections=2) as port:
        wires = [connected(port, HEAD.replace(b"/ ", b"/wait ") + b"\r\n") for _ in range(2)]
        assert all(WAITING.acquire(timeout=20) for _ in wires)
        assert read(connected(port)).startswith(b"HTTP/1.1 503 ")
        for wire in wires:
            wire.close()


def test_one_byte_on_each_of_many_connections_stops_nothing(caplog):
    with serving(connections=50) as port, caplog.at_level(logging.WARNING):
        wires = [connected(port, b"G") for _ in range(400)]
        for _ in range(20):
            assert httpx.get(f"http://127.0.0.1:{port}/").text == "0"
        for wire in wires:
            wire.close()
    assert len(caplog.records) < 3


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"x: " + b"a" * 400_000,
        HEAD + b"".join(b"x%d: y\r\n" % number for number in range(50_000)),
        b"GET /" + b"a" * 400_000,
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n" + b"x: " + b"a" * 400_000,
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;" + b"a" * 400_000,
    ],
    ids=["a header", "headers", "an address", "a trailer", "a chunk's extension"],
)
def test_what_is_too_large_is_refused_before_it_is_all_there(data):
    with serving() as port:
        wire = connected(port)
        try:
            wire.sendall(data)
        except (ConnectionResetError, BrokenPipeError):
            return
        assert read(wire).startswith(b"HTTP/1.1 431 ")


def test_a_head_of_the_usual_size_and_pipelined_requests_are_answered():
    with serving() as port:
        wire = connected(port, (HEAD + b"x: " + b"a" * 30_000 + b"\r\n\r\n") * 5 + HEAD + b"connection: close\r\n\r\n")
        assert read(wire).count(b"HTTP/1.1 200 OK") == 6


@pytest.mark.parametrize("data", [b"", b"G", HEAD, b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab"])
def test_who_takes_too_long_is_told_so(data):
    with serving(head_s=0.05, body_s=0.05) as port:
        assert read(connected(port, data)).startswith(b"HTTP/1.1 408 ")


def test_a_large_body_comes_in_whole():
    with serving() as port:
        assert httpx.post(f"http://127.0.0.1:{port}/", content=b"a" * 20_000_000).text == "20000000"
