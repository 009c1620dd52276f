"""Connections that nobody has a key for, on every port, in a process that may open few files."""

import resource
import socket
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider

from tests.e2e.running import FLOWTRAIL, Flowtrail

FILES = 1024
FLOOD = 375  # on each of four ports
LIMITED = (
    "import os, resource, sys\n"
    f"resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def test_1500_connections_with_one_byte_each_stop_nothing(new_data, tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    log = tmp_path / "log"
    sql = free_port()
    program = (sys.executable, "-c", LIMITED, FLOWTRAIL)
    with ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        settings = {"FLOWTRAIL_SQL_PORT": str(sql)}
        server = stack.enter_context(Flowtrail(new_data(), settings=settings, program=program, log=log))
        for address in (server.web, server.otlp, server.grpc, f"127.0.0.1:{sql}"):
            host, _, port = address.removeprefix("http://").rpartition(":")
            for _ in range(FLOOD):
                wire = socket.create_connection((host, int(port)), timeout=20)
                stack.callback(wire.close)
                wire.send(b"G")
        for number in range(10):
            assert httpx.get(f"{server.otlp}/readyz").status_code == 200
            assert httpx.get(f"{server.web}/").status_code == 200
            assert httpx.get(f"http://127.0.0.1:{sql}/", params={"query": "SELECT 1"}).text == "1\n"
            assert httpx.post(f"{server.otlp}/v1/events", json=event(f"flood-{number}")).status_code == 200
            assert sent_by_grpc(server.grpc) == "ok"
        server.until(lambda: server.get("/flows/order-to-cash/cases")["cases"])
        open_files = sum(1 for _ in Path(f"/proc/{server.pid}/fd").iterdir())
        assert open_files < FILES * 0.75
    lines = log.read_text().splitlines()
    assert not [line for line in lines if "Traceback" in line]
    assert len(lines) < 30


def event(case):
    now = datetime.now(UTC).isoformat()
    return {"flow": "order-to-cash", "case": case, "step": "receive", "system": "shop", "id": case, "time": now}


def sent_by_grpc(address):
    exporter = OTLPSpanExporter(endpoint=address, insecure=True)
    provider = TracerProvider()
    with provider.get_tracer("flood").start_as_current_span("step") as span:
        pass
    result = exporter.export([span])
    exporter.shutdown()
    return result.name.lower().replace("success", "ok")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
