"""What a running server tells of itself: log lines as JSON, metrics of every part, traces that it sends to itself."""

from __future__ import annotations

import json
import signal
import socket
import subprocess

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.collector.running import eventually
from tests.e2e.running import FLOWTRAIL

EVENT = {"flow": "order-to-cash", "system": "returns-sheet", "step": "approve", "case": "SO-1", "id": "r-1"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def server(new_data, tmp_path):
    """(address of OTLP/HTTP, address of the API, the process, the file of its log lines)."""
    port = free_port()
    told = {
        "FLOWTRAIL_LOG_FORMAT": "json",
        "FLOWTRAIL_LOG_LEVEL": "info",
        "FLOWTRAIL_SELF_TRACES_ENDPOINT": f"http://127.0.0.1:{port}",
        "FLOWTRAIL_SELF_TRACES_RATIO": "1",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    command = [FLOWTRAIL, "serve", "--data", new_data(), "--port", 0, "--otlp-http-port", port]
    with (tmp_path / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [str(word) for word in (*command, "--otlp-grpc-port", 0)],
            stdout=subprocess.PIPE, stderr=errors, text=True, env=told,
        )  # fmt: skip
    assert process.stdout is not None
    api = process.stdout.readline().partition("UI and API ")[2].partition(",")[0]
    assert api, (tmp_path / "stderr").read_text()
    yield f"http://127.0.0.1:{port}", api, process, tmp_path / "stderr"
    process.kill()
    process.wait()
    process.stdout.close()


def metrics(address: str) -> dict[str, float]:
    """Name → the sum of its samples."""
    families = text_string_to_metric_families(httpx.get(f"{address}/metrics").text)
    return {family.name: sum(sample.value for sample in family.samples) for family in families}


def test_a_server_tells_how_it_is(server):
    address, api, process, errors = server
    assert httpx.post(f"{address}/v1/events", json=EVENT).status_code == 200
    eventually(lambda: metrics(address)["flowtrail_fold_batches"] >= 1)
    assert httpx.get(f"{api}/api/v1/search?q=SO-1").json()["results"][0]["case_id"] == "SO-1"

    # Its own traces arrive, and cause no more: receive, check, commit, insert, fold, and nothing after that.
    eventually(lambda: metrics(address)["flowtrail_collector_items"] >= 6)
    eventually(lambda: httpx.get(f"{address}/readyz").json()["pending_bytes"] == 0)
    now = metrics(address)
    assert now["flowtrail_collector_items"] == 6
    assert {"flowtrail_store_bytes", "process_resident_memory_bytes", "flowtrail_fold_pending_batches"} <= now.keys()
    assert httpx.get(f"{address}/readyz").json()["ready"] is True

    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    lines = [json.loads(line) for line in errors.read_text().splitlines()]
    assert [line["message"] for line in lines][1:] == ["The collector runs.", "The collector has stopped."]
    assert lines[-1]["everything_stored"] is True
    assert "SO-1" not in errors.read_text()
