"""Which server a command asks: the one on its data directory, never whoever answers at a port."""

from __future__ import annotations

import csv
import json
import subprocess
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from collector.durable_log.directory_lock import DirectoryLock
from server.running import NotRunning, announced, api_address, collector_address, running
from tests.e2e.running import FLOWTRAIL, Flowtrail


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
    assert (code, "1 cases recomputed" in output) == (0, True), output
    code, output = flowtrail("deadletters", "list", "--data", data)
    assert (code, output) == (0, "0 dead letters.\n")
    code, output = flowtrail("probe", "--cases", 1, "--deadline", 30, "--data", data, FLOWTRAIL_PORT=other)
    assert code == 0, output


def test_a_data_directory_without_a_server_says_what_to_do(tmp_path):
    code, output = flowtrail("flows", "list", "--data", tmp_path)
    assert (code, f"No Flowtrail serves the data directory {tmp_path}." in output) == (1, True)
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
    with announced(tmp_path, api="http://127.0.0.1:8081"):
        assert api_address(tmp_path) == "http://127.0.0.1:8081"
        with pytest.raises(NotRunning, match="that process has no collector") as refused:
            collector_address(tmp_path, "--to")
        assert refused.value.code == "in_use"
        lock = DirectoryLock(tmp_path / "collector")
        lock.announce(otlp_http="http://127.0.0.1:4318")
        assert collector_address(tmp_path, "--url") == "http://127.0.0.1:4318"
        assert api_address(tmp_path) == "http://127.0.0.1:8081"
        lock.close()
    assert running(tmp_path) is None


def test_a_collector_without_a_query_api_is_named(tmp_path):
    lock = DirectoryLock(tmp_path / "collector")
    lock.announce(otlp_http="http://127.0.0.1:4318")
    with pytest.raises(NotRunning, match="serves no query API"):
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


def test_an_answer_that_is_no_json_is_not_taken_for_one():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    code, output = flowtrail("flows", "list", "--api-url", url)
    server.shutdown()
    assert (code, output) == (1, f"Error: {url} answers 200, and not in JSON. Give --api-url another address.\n")
