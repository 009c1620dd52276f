"""The embedded store in SQL, as the product offers it: while the server runs, and by itself."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import Flowtrail

pytestmark = pytest.mark.slow

FLOWTRAIL = str(Path(sys.executable).parent / "flowtrail")
DEADLINE_S = 60
EVENT = {"id": "1", "flow": "orders", "case": "SO-1", "step": "ship", "system": "wms", "outcome": "completed"}


@contextmanager
def store_serve(folder: Path, *options: str) -> Iterator[str]:
    """``flowtrail store serve`` on a free port; gives its address."""
    command = [FLOWTRAIL, "store", "serve", "--data", str(folder), "--port", "0", *options]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = re.search(r":(\d+)\.", line)
        assert port, f"flowtrail store serve did not start: {line!r}"
        yield f"http://127.0.0.1:{port[1]}/"
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE_S)


def new_key(folder: Path, *options: str) -> str:
    made = subprocess.run(
        [FLOWTRAIL, "keys", "create", "--quiet", "--data", str(folder), *options],
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip()


def ask(url: str, sql: str, key: str = "") -> httpx.Response:
    headers = {"X-ClickHouse-Key": key} if key else {}
    return httpx.post(url, content=sql, headers=headers, timeout=DEADLINE_S)


def eventually_refused(url: str, key: str) -> None:
    """The key becomes known, and is not enough."""
    until = time.monotonic() + DEADLINE_S
    while (status := ask(url, "SELECT 1", key).status_code) == 401 and time.monotonic() < until:
        time.sleep(0.1)
    assert status == 403


def eventually(url: str, sql: str, wanted: str, key: str = "") -> None:
    until = time.monotonic() + DEADLINE_S
    while (answer := ask(url, sql, key).text) != wanted and time.monotonic() < until:
        time.sleep(0.1)
    assert answer == wanted


@pytest.fixture
def folder(new_data) -> Path:
    """A data folder with a store in it."""
    return new_data()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_running_server_offers_its_store_and_keeps_it(folder):
    port = free_port()
    with Flowtrail(folder, settings={"FLOWTRAIL_SQL_PORT": str(port)}) as server:
        url = f"http://127.0.0.1:{port}/"
        httpx.post(f"{server.otlp}/v1/events", json=[EVENT], timeout=DEADLINE_S).raise_for_status()
        eventually(url, "SELECT CaseId, Outcome FROM cases", "SO-1\tcompleted\n")
        assert ask(url, "DROP TABLE cases").status_code == 403
        second = subprocess.run(
            [FLOWTRAIL, "store", "serve", "--data", str(folder), "--port", "0"],
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_S,
        )
        assert second.returncode == 1
        assert "start it with FLOWTRAIL_SQL_PORT=8123" in second.stderr


def test_keys_decide_who_reads_what(folder):
    with store_serve(folder) as url:
        assert ask(url, "SELECT count() FROM cases").text == "0\n"  # nobody has a key yet
        reader = new_key(folder, "--scope", "sql", "--tenant", "acme")
        eventually(url, "SELECT getSetting('log_comment')", "acme\n", reader)
        assert ask(url, "SELECT 1").status_code == 401
        of_the_api = new_key(folder, "--scope", "read", "--tenant", "acme")
        eventually_refused(url, of_the_api)
        assert ask(url, "SELECT 1", new_key(folder, "--scope", "ingest")).status_code in (401, 403)
        owner = new_key(folder, "--scope", "admin")
        eventually(url, "SELECT getSetting('log_comment')", "\n", owner)
        assert ask(url, "CREATE TABLE t (a Int8) ENGINE = Memory", owner).status_code == 403
        misled = httpx.post(url, content="SELECT 1", headers={"Host": "example.com", "X-ClickHouse-Key": reader})
        assert misled.status_code == 421


def test_an_owner_writes_where_that_was_asked_for(folder):
    with store_serve(folder, "--writable") as url:
        assert ask(url, "CREATE TABLE flowtrail.t ENGINE = MergeTree ORDER BY a AS SELECT 7 AS a").status_code == 200
        assert ask(url, "SELECT a FROM flowtrail.t").text == "7\n"
        eventually_refused(url, new_key(folder, "--scope", "sql"))
        proxied = {"X-Forwarded-For": "192.0.2.1"}
        assert httpx.post(url, content="SELECT 1", headers=proxied, timeout=DEADLINE_S).status_code == 403


def test_a_key_to_read_closes_sql_to_those_without_one(folder):
    new_key(folder, "--scope", "read")
    with store_serve(folder) as url:
        assert ask(url, "SELECT 1").status_code == 401


@pytest.mark.parametrize(
    ("settings", "options", "said"),
    [
        ({}, [], "There is no store in"),
        ({"FLOWTRAIL_STORE": "clickhouse://127.0.0.1:1/any"}, [], "this store is a ClickHouse server"),
        ({}, ["--writable", "--host", "0.0.0.0"], "on this machine only"),  # noqa: S104 - what is refused
    ],
)
def test_what_cannot_be_offered_is_said(tmp_path, settings, options, said):
    done = subprocess.run(
        [FLOWTRAIL, "store", "serve", "--data", str(tmp_path / "none"), *options],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 1
    assert said in done.stderr
