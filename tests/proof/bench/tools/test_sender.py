"""The sender: what it sends is counted once, refusals are sent again, and a stall is charged to every request due."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from proof.bench.tools.load import Load
from proof.bench.tools.sender import Plan, send

STALL_S = 0.5


class Server(ThreadingHTTPServer):
    """Takes every request, but answers the ones whose number ``refuse`` holds with 503, and stalls at number 0."""

    def __init__(self, refuse=(), status=503, stall_s=0.0):
        super().__init__(("127.0.0.1", 0), Handler)
        self.refuse, self.status, self.stall_s = set(refuse), status, stall_s
        self.bodies = []
        self.lock = threading.Lock()

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        server = self.server
        with server.lock:
            number = len(server.bodies)
            server.bodies.append(body)
        if not number and server.stall_s:
            threading.Event().wait(server.stall_s)
        self.send_response(server.status if number in server.refuse else 200)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def test_every_request_is_sent_once():
    load = Load(20)
    with Server() as server:
        sent = send(Plan("http", server.address, load, first=3, requests=25, connections=4))
    assert sent.requests == len(sent.took_ms) == sent.per_s.total() == 25
    assert sorted(server.bodies) == sorted(load.request(number) for number in range(3, 28))


def test_what_is_refused_for_now_is_sent_again():
    with Server(refuse=[0, 2]) as server:
        sent = send(Plan("http", server.address, Load(5), requests=4, connections=1))
    assert (sent.requests, sent.refused, len(server.bodies)) == (4, 2, 6)
    assert len(set(server.bodies)) == 4


def test_a_refusal_for_good_is_an_error():
    with Server(refuse=[1], status=400) as server, pytest.raises(RuntimeError, match="400"):
        send(Plan("http", server.address, Load(5), requests=4, connections=1))


def test_a_stall_counts_for_all_that_was_due_meanwhile():
    with Server(stall_s=STALL_S) as server:
        sent = send(Plan("http", server.address, Load(5), requests=20, connections=1, rate=100, prepared=True))
    # The last of them was due 0.2 s after the first, and had to wait for the rest of the stall.
    assert min(sent.took_ms) >= 1000 * (STALL_S - 0.2) * 0.9
