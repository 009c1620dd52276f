"""The services of docker-compose.yml as processes over ClickHouse's HTTP interface: an event passes all of them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from tests import postgresql

pytestmark = pytest.mark.slow

ANY_PORT = ("--port", "0", "--otlp-http-port", "0", "--otlp-grpc-port", "0")
DEADLINE_SECONDS = 60
UI_KEY = f"ftk_ui_{'5' * 48}"
READ = {"Authorization": f"Bearer {UI_KEY}"}
SPAN = {
    "traceId": "0af7651916cd43dd8448eb211c80319c",
    "spanId": "b7ad6b7169203331",
    "name": "receive-order",
    "kind": 1,
    "startTimeUnixNano": "1767225600000000000",
    "endTimeUnixNano": "1767225601000000000",
    "attributes": [
        {"key": name, "value": {"stringValue": value}}
        for name, value in {
            "flow.name": "order-to-cash",
            "flow.case.id": "SO-1001",
            "flow.step": "receive-order",
            "flow.case.outcome": "completed",
        }.items()
    ],
}
REQUEST = {
    "resourceSpans": [
        {
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
            "scopeSpans": [{"spans": [SPAN]}],
        }
    ]
}


@contextmanager
def service(name: str, folder: Path, **settings: str) -> Iterator[str]:
    """``flowtrail <name>`` on free ports; gives the address of its HTTP port once it listens."""
    environment = {**os.environ, **settings, "FLOWTRAIL_DATA": str(folder)}
    command = [str(Path(sys.executable).parent / "flowtrail"), name, *ANY_PORT]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = re.search(r"(?:port |:)(\d+)", line)
        assert port, f"flowtrail {name} did not start: {line!r}"
        yield f"http://127.0.0.1:{port[1]}"
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE_SECONDS)


@pytest.fixture(scope="module")
def key_database(request, tmp_path_factory) -> Iterator[str]:
    """PostgreSQL as in the Compose file, where it is installed; else a file that the services share."""
    if postgresql.programs() is None:
        yield f"sqlite:///{tmp_path_factory.mktemp('keys') / 'keys.db'}"
    else:
        with postgresql.database(request.getfixturevalue("postgresql_server")) as address:
            yield address


@pytest.fixture(scope="module")
def addresses(tmp_path_factory, clickhouse_server, key_database, repository) -> Iterator[dict[str, str]]:
    """Collector, query API and dashboards, started in the order of the Compose file with its settings.

    There they reach each other by network; here keys are required, so that this machine is no exception either.
    """
    with ExitStack() as stack:
        store = {
            "FLOWTRAIL_STORE": stack.enter_context(clickhouse_server.database()),
            "FLOWTRAIL_DATABASE": key_database,
            "FLOWTRAIL_REQUIRE_KEYS": "true",
        }
        flows = {"FLOWTRAIL_FLOWS": str(repository / "demo" / "flows")}
        folder = tmp_path_factory.mktemp
        found = {"collector": stack.enter_context(service("collector", folder("collector"), **store, **flows))}
        found["api"] = stack.enter_context(service("api", folder("api"), **store, FLOWTRAIL_BOOTSTRAP_KEY=UI_KEY))
        ui = {"FLOWTRAIL_API_URL": found["api"], "FLOWTRAIL_API_KEY": UI_KEY}
        found["ui"] = stack.enter_context(service("ui", folder("ui"), **ui))
        yield found


@pytest.fixture(scope="module")
def ingest(addresses, key_database) -> dict[str, str]:
    """The header of a key to send with, made beside the running services."""
    command = [str(Path(sys.executable).parent / "flowtrail"), "keys", "create", "--scope", "ingest", "--quiet"]
    environment = {**os.environ, "FLOWTRAIL_DATABASE": key_database}
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return {"Authorization": f"Bearer {made.stdout.strip()}"}


@pytest.fixture(scope="module")
def compose(repository):
    return yaml.safe_load((repository / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


@pytest.mark.parametrize("name", ["collector", "api", "ui"])
def test_the_health_check_of_the_compose_file_is_answered(addresses, compose, name):
    path = httpx.URL(compose[name]["healthcheck"]["test"][-1]).path
    assert httpx.get(addresses[name] + path).status_code == 200


@pytest.mark.parametrize(("name", "path"), [("collector", "/v1/traces"), ("api", "/api/v1/flows")])
def test_nobody_comes_in_without_a_key(addresses, name, path):
    send = httpx.post if name == "collector" else httpx.get
    assert send(addresses[name] + path).status_code == 401


def test_an_event_goes_from_the_collector_to_the_query_api(addresses, ingest):
    until = time.monotonic() + DEADLINE_SECONDS
    status = 401  # a key counts once the collector has looked again
    while status == 401 and time.monotonic() < until:
        response = httpx.post(f"{addresses['collector']}/v1/traces", json=REQUEST, headers=ingest)
        status = response.status_code
        time.sleep(0.05)
    assert status == 200, response.text
    results: list[dict[str, str]] = []
    while not results and time.monotonic() < until:
        time.sleep(0.05)
        results = httpx.get(f"{addresses['api']}/api/v1/search", params={"q": "SO-1001"}, headers=READ).json()[
            "results"
        ]
    assert [(found["flow"], found["case_id"], found["outcome"]) for found in results] == [
        ("order-to-cash", "SO-1001", "completed")
    ]
    trail = httpx.get(f"{addresses['api']}/api/v1/flows/order-to-cash/cases/SO-1001/trail", headers=READ).json()
    assert [(event["system"], event["step"]) for event in trail["events"]] == [("shop", "receive-order")]


def test_the_dashboards_hold_nothing_of_the_store(addresses):
    page = httpx.get(addresses["ui"])
    assert page.status_code == 200
    assert "clickhouse" not in page.text
