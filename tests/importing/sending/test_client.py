"""A busy collector is waited for, a refusal ends the import in a sentence, a stopped import goes on where it was."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from importing.checkpoint import Checkpoint
from importing.errors import ImportFailed
from importing.event_log import LogFile
from importing.report import Report
from importing.run import ImportRun
from importing.sending.client import CollectorClient, Target
from tests.importing.conftest import LOGS, said

RULES = said(flow="many", case="case", activity="what", timestamp="when")


class Door:
    """An OTLP/HTTP door that answers with the statuses it is told, then takes everything."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.spans: list[str] = []
        self.refuse_after: int | None = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = door.answer(body)
                answer = ExportTraceServiceResponse().SerializeToString() if status == 200 else b""
                self.send_response(status)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Nothing on stderr."""

        return Handler

    def answer(self, body: bytes) -> int:
        if self.answers:
            return self.answers.pop(0)
        if self.refuse_after is not None and len(self.spans) >= self.refuse_after:
            return 403
        request = ExportTraceServiceRequest.FromString(body)
        self.spans += [
            span.span_id.hex()
            for group in request.resource_spans
            for scope in group.scope_spans
            for span in scope.spans
        ]
        return 200


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.server.shutdown()
    door.server.server_close()


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """3,500 events: four requests."""
    path = tmp_path / "many.csv"
    rows = (f"c{number % 50},step {number},2026-01-01T00:00:{number % 60:02d}Z" for number in range(3500))
    path.write_text("\n".join(["case,what,when", *rows]), encoding="utf-8")
    return path


def test_a_busy_collector_is_waited_for(door: Door, tmp_path: Path) -> None:
    door.answers = [503, 429]
    pauses: list[float] = []
    sender = CollectorClient(Target(door.url), pauses.append)
    run = ImportRun(
        LogFile(LOGS / "orders.csv", said(flow="orders")), sender, Report(tmp_path / "unread", strict=False)
    )
    assert run.go().sent == 7
    assert (len(door.spans), len(pauses)) == (7, 2)
    sender.close()
    door.answers = [503] * 3
    impatient = CollectorClient(Target(door.url, patience_s=0), pauses.append)
    with pytest.raises(ImportFailed, match=r"has no room.*--resume"):
        ImportRun(LogFile(LOGS / "orders.csv", said()), impatient, Report(tmp_path / "unread", strict=False)).go()
    impatient.close()


def test_a_stopped_import_goes_on_where_it_was(door: Door, many: Path, tmp_path: Path) -> None:
    def go(*, resume: bool) -> ImportRun:
        sender = CollectorClient(Target(door.url))
        run = ImportRun(LogFile(many, RULES), sender, Report(tmp_path / "unread", strict=False), checkpoint)
        try:
            run.go(resume=resume)
        finally:
            sender.close()
        return run

    checkpoint = Checkpoint(tmp_path / "imports", many, RULES, door.url)
    door.refuse_after = 1000
    with pytest.raises(ImportFailed, match="refuses"):
        go(resume=False)
    assert checkpoint.read() >= 1000
    reached, door.refuse_after = checkpoint.read(), None
    run = go(resume=True)
    assert (run.summary.events, run.summary.sent) == (3500, 3500 - reached)
    assert len(set(door.spans)) == 50 * 70
    assert checkpoint.read() == 0


def test_another_mapping_or_file_does_not_go_on(many: Path, tmp_path: Path) -> None:
    first = Checkpoint(tmp_path, many, RULES, "a")
    first.reached(2000, now=True)
    assert first.read() == 2000
    assert Checkpoint(tmp_path, many, said(flow="other"), "a").read() == 0
    assert Checkpoint(tmp_path, many, RULES, "b").read() == 0
    many.write_text(many.read_text(encoding="utf-8") + "\nc1,more,2026-01-01T00:00:00Z", encoding="utf-8")
    assert Checkpoint(tmp_path, many, RULES, "a").read() == 0
