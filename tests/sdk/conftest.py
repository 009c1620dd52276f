"""A runtime in memory, and a real OTLP/HTTP receiver that answers as a test tells it."""

from __future__ import annotations

import gzip
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import flowtrail
import hypothesis
import pytest
from flowtrail import testing
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

hypothesis.settings.register_profile("sdk", deadline=None)  # a busy machine is no finding
hypothesis.settings.load_profile("sdk")


@pytest.fixture
def captured() -> Iterator[testing.Captured]:
    with testing.capture("wms") as captured:
        yield captured


@pytest.fixture
def flow(captured: testing.Captured) -> flowtrail.Flow:
    return flowtrail.Flow("order-to-cash", version="1", runtime=captured.runtime)


@pytest.fixture(autouse=True)
def no_default_runtime() -> Iterator[None]:
    yield
    flowtrail.shutdown(5)


def wait_for(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Poll until the condition holds; fail after a deadline that only a broken program reaches."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.005)


@pytest.fixture(name="wait_for")
def _wait_for() -> Callable[..., None]:
    return wait_for


@dataclass
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hang: bool = False


@dataclass
class Receiver:
    """What came in, and the answers still to give; when they run out the answer is 200."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    requests: list[ExportTraceServiceRequest] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    peers: list[tuple[str, int]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    start: Callable[[], None] = lambda: None

    def names(self) -> list[str]:
        return [s.name for r in self.requests for rs in r.resource_spans for ss in rs.scope_spans for s in ss.spans]


@pytest.fixture
def receiver(receiver_that_is_down: Receiver) -> Receiver:
    receiver_that_is_down.start()
    return receiver_that_is_down


@pytest.fixture
def receiver_that_is_down() -> Iterator[Receiver]:
    """Refuses connections at its port until it is told to ``start()``."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = state.answers.pop(0) if state.answers else Answer()
            state.times.append(time.monotonic())
            state.peers.append(self.client_address)
            state.headers.append({k.lower(): v for k, v in self.headers.items()})
            state.bodies.append(body)
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            state.requests.append(ExportTraceServiceRequest.FromString(body))
            if answer.hang:
                state.released.wait(30)
                return
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.daemon_threads = True
    server.server_bind()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def start() -> None:
        server.server_activate()
        thread.start()

    state.start = start
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    state.released.set()
    if thread.is_alive():
        server.shutdown()
    server.server_close()


@pytest.fixture
def answer() -> type[Answer]:
    return Answer
