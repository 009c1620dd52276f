"""Which server a command asks: the one on its data directory, never whoever answers at a port."""

from __future__ import annotations

import csv
import errno
import json
import os
import subprocess
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from collector.durable_log.directory_lock import DirectoryLock
from server.cli import main
from server.client import ClientError, ServerClient
from server.commands.import_.destination import destination
from server.running import NotRunning, announced, api_address, collector_address, expect_collector, running
from server.settings import Settings
from tests.e2e.running import FLOWTRAIL, Flowtrail

pytestmark = pytest.mark.slow


def flowtrail(*words, **settings):
    done = subprocess.run(
        [str(word) for word in (FLOWTRAIL, *words)], capture_output=True, text=True, check=False, env=settings
    )
    return done.returncode, done.stdout + done.stderr


def case(server, case_id):
    """Send one step of a case to a server and wait until it can be read."""
    event = {"flow": "claim", "case": case_id, "step": "file", "system": "desk", "time": "2026-03-02T09:00:00Z"}
    body = json.dumps([event])
    answer = server._http.post(f"{server.otlp}/v1/events", content=body)
    assert answer.status_code == 200, answer.text
    assert server.until(lambda: server._http.get(f"{server.web}/api/v1/flows/claim/cases/{case_id}").status_code == 200)


@pytest.fixture(scope="module")
def servers(new_data):
    """Two servers, each on a data directory of its own."""
    with ExitStack() as stack:
        both = [stack.enter_context(Flowtrail(new_data())) for _ in range(2)]
        for number, server in enumerate(both, 1):
            case(server, f"C-{number}")
        yield both


@pytest.mark.parametrize("number", [1, 2])
def test_an_export_is_of_the_data_directory_that_is_named(servers, number, tmp_path):
    # The other server's port is the default one of this command, as 8080 is on a machine where both run.
    other = servers[2 - number].web.rpartition(":")[2]
    out = tmp_path / "cases.csv"
    words = ("--flow", "claim", "--from", "2026-03-01", "--to", "2026-03-08", "--data", servers[number - 1].data)
    code, output = flowtrail("export", *words, "-o", out, FLOWTRAIL_PORT=other)
    assert code == 0, output
    assert {row["case_id"] for row in csv.DictReader(out.open(encoding="utf-8"))} == {f"C-{number}"}


@pytest.mark.parametrize("number", [1, 2])
def test_so_are_flows_the_probe_and_the_commands_for_operators(servers, number):
    data, other = servers[number - 1].data, servers[2 - number].web.rpartition(":")[2]
    code, output = flowtrail("flows", "list", "--json", "--data", data, FLOWTRAIL_PORT=other)
    assert (code, {flow["name"]: flow["cases"] for flow in json.loads(output)["flows"]}["claim"]) == (0, 1)
    code, output = flowtrail("cases", "verify", "--all", "--flow", "claim", "--data", data)
    assert (code, "1 case recomputed" in output) == (0, True), output
    code, output = flowtrail("deadletters", "list", "--data", data)
    assert (code, output) == (0, "0 dead letters.\n")
    code, output = flowtrail("probe", "--cases", 1, "--deadline", 30, "--data", data, FLOWTRAIL_PORT=other)
    assert code == 0, output


def test_a_data_directory_without_a_server_says_what_to_do(tmp_path):
    code, output = flowtrail("flows", "list", "--data", tmp_path)
    assert (code, f"No Flowtrail server runs on the data directory {tmp_path}." in output) == (1, True)
    assert f"flowtrail serve --data {tmp_path}" in output
    assert running(tmp_path) is None
    assert collector_address(tmp_path, "--url") is None


def test_a_killed_server_is_no_server(new_data):
    server = Flowtrail(new_data())
    server.start()
    assert running(server.data).api == server.web
    server.kill()
    assert running(server.data) is None


def test_processes_on_one_directory_are_put_together(tmp_path):
    with announced(tmp_path, api="http://127.0.0.1:8081"), announced(tmp_path, sql="http://127.0.0.1:8123"):
        assert api_address(tmp_path) == "http://127.0.0.1:8081"
        assert collector_address(tmp_path, "--url") is None
        with pytest.raises(NotRunning, match="or give the address of a collector with --otlp-url"):
            expect_collector(tmp_path, "--otlp-url")
        lock = DirectoryLock(tmp_path / "collector")
        with pytest.raises(NotRunning, match="cannot be reached over HTTP") as refused:
            collector_address(tmp_path, "--to")
        assert refused.value.code == "in_use"
        lock.announce(otlp_http="http://127.0.0.1:4318")
        assert collector_address(tmp_path, "--url") == "http://127.0.0.1:4318"
        server = running(tmp_path)
        assert (server.pid, server.api, server.sql) == (os.getpid(), "http://127.0.0.1:8081", "http://127.0.0.1:8123")
        lock.close()
    assert running(tmp_path) is None


def test_what_a_killed_process_announced_is_removed(tmp_path):
    left = tmp_path / "serving" / "0.lock"
    with announced(tmp_path, api="http://127.0.0.1:8081"):
        left.write_text(next(left.parent.glob("*.lock")).read_text())
        assert running(tmp_path).api == "http://127.0.0.1:8081"
        assert not left.exists()
    assert running(tmp_path) is None


def test_a_query_api_serves_also_where_nothing_can_be_written(tmp_path, caplog):
    (tmp_path / "serving").write_text("not a directory")
    with announced(tmp_path, api="http://127.0.0.1:8081"):
        assert running(tmp_path) is None
    assert "Commands cannot find this server by its data directory" in caplog.text


def test_a_directory_of_another_user_says_what_to_do(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("server.running.holder", refuse)
    for ask in (running, api_address, lambda data: collector_address(data, "--url")):
        with pytest.raises(NotRunning, match=r"Permission denied\. Run the command as the user") as refused:
            ask(tmp_path)
        assert refused.value.code == "unreadable"


def test_an_embedded_store_that_is_open_elsewhere_is_not_opened_again(tmp_path, monkeypatch):
    with announced(tmp_path, sql="http://127.0.0.1:8123"):
        for words in (("cases", "rebuild"), ("cases", "verify"), ("policy", "report"), ("import", __file__)):
            done = CliRunner().invoke(main, [*words, "--data", str(tmp_path)])
            assert done.exit_code == 1
            assert f"Process {os.getpid()} has the embedded store in {tmp_path} open. Stop it" in done.output, words
        done = CliRunner().invoke(main, ["export", "--flow", "claim", "--data", str(tmp_path)])
        assert (done.exit_code, "but serves no query API" in done.output) == (1, True)
        monkeypatch.setenv("FLOWTRAIL_STORE", "clickhouse://127.0.0.1:1/x")
        done = CliRunner().invoke(main, ["cases", "rebuild", "--data", str(tmp_path)])
        assert ("Check that ClickHouse runs" in done.output, "embedded" in done.output) == (True, False)


def test_an_import_with_a_collector_of_its_own_lets_nobody_else_send_to_it(tmp_path, migrated_chdb_url):
    settings = Settings(data=tmp_path, store=migrated_chdb_url)
    with destination(settings, "", "", 60) as own:
        assert own.target.key
        with pytest.raises(NotRunning, match="Try again in a moment, or give the address of a collector: --to"):
            collector_address(tmp_path, "--to")
    assert running(tmp_path) is None


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with liar() as url, ServerClient(url) as client, pytest.raises(ClientError, match="answers 200"):
        client.request("GET", "/")


def test_a_collector_without_a_query_api_is_named(tmp_path):
    lock = DirectoryLock(tmp_path / "collector")
    lock.announce(otlp_http="http://127.0.0.1:4318")
    with pytest.raises(NotRunning, match="but serves no query API"):
        api_address(tmp_path)
    lock.close()


def test_an_import_into_a_stopped_directory_needs_no_key(new_data, tmp_path):
    data = new_data()
    assert flowtrail("keys", "create", "--scope", "ingest", "--data", data)[0] == 0
    log = tmp_path / "claim.csv"
    log.write_text("case_id,activity,timestamp\n1,file,2026-01-01T00:00:00Z\n", "utf-8")
    code, output = flowtrail("import", log, "--data", data)
    assert (code, "Everything sent is in the cases." in output) == (0, True), output


class Liar(BaseHTTPRequestHandler):
    """Answers 200 with a page, as a proxy's sign-in does."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>Sign in</html>")

    def log_message(self, *_):
        pass


@contextmanager
def liar():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_an_answer_that_is_no_json_is_not_taken_for_one():
    with liar() as url:
        code, output = flowtrail("flows", "list", "--api-url", url)
    assert (code, output) == (1, f"Error: {url} answers 200, and not in JSON. Give --api-url another address.\n")
