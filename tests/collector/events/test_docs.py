"""The examples of docs/events.md, run as they are written there against a collector."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.events.event import FIELDS
from tests.collector.events.reading import attributes
from tests.collector.running import eventually

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What Google's services answer to the script: a sheet of two rows, one of them wrong, and a fetch that is real.
GOOGLE = """
const { execFileSync } = require("child_process");
const notes = [];
const PropertiesService = { getScriptProperties: () => ({
  getProperty: (name) => ({ FLOWTRAIL_EVENTS: process.env.FLOWTRAIL_EVENTS, FLOWTRAIL_KEY: "a-key" })[name] }) };
const SpreadsheetApp = { getActiveSheet: () => ({
  getSheetId: () => 77,
  getDataRange: () => ({ getValues: () => [
    ["case", "step", "time", "outcome"],
    ["SO-1", "approve-return", new Date("2026-03-01T12:00:00Z"), ""],
    ["SO-2", "approve-return", "yesterday", ""]] }),
  getRange: (row, column) => ({ setNote: (text) => notes.push([row, column, text]) }) }) };
const UrlFetchApp = { fetch: (url, options) => {
  const head = Object.entries(options.headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const sent = ["-s", ...head, "-H", `Content-Type: ${options.contentType}`, "--data-binary", options.payload, url];
  const text = execFileSync("curl", sent).toString();
  return { getContentText: () => text }; } };
"""


@pytest.fixture(scope="module")
def page(repository):
    return (repository / "docs" / "events.md").read_text(encoding="utf-8")


@pytest.fixture
def address(running):
    return f"http://127.0.0.1:{running.http_port}/v1/events"


def example(page: str, language: str, mark: str) -> str:
    """The code block of that language that contains ``mark``."""
    [example] = [code for kind, code in FENCE.findall(page) if kind == language and mark in code]
    return example


def run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    executable = shutil.which(program)
    if executable is None:
        pytest.skip(f"{program} is not installed.")
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    return subprocess.run(
        [executable, *arguments], check=False, capture_output=True, text=True, timeout=30, env=path | environment
    )


def stored(sink, count: int) -> list:
    eventually(lambda: len(sink.spans) == count)
    requests = [ExportTraceServiceRequest.FromString(envelope.request) for envelope in sink.envelopes]
    return [
        span
        for request in requests
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def test_curl(page, address, sink):
    command = example(page, "sh", "return-17").replace("http://127.0.0.1:4318/v1/events", address)
    done = run("bash", "-c", command.replace("curl ", "curl -s ", 1))
    assert json.loads(done.stdout)["accepted"][0]["id"] == "return-17"
    [span] = stored(sink, 1)
    assert attributes(span)["flow.actor.id"] == "dana"


def test_shell_function(page, address, sink):
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed.")
    script = example(page, "sh", "flowtrail_step()")
    assert run("bash", "-c", script, FLOWTRAIL_EVENTS=address).returncode == 0
    failing = script.replace("export-invoice true", "export-invoice sh -c 'exit 7'")
    done = run("bash", "-c", failing, FLOWTRAIL_EVENTS=address, FLOWTRAIL_KEY="k")
    assert (done.returncode, done.stderr) == (7, "")
    worked, failed = stored(sink, 2)
    assert worked.status.code == 0
    assert (failed.status.code, attributes(failed)["error.type"]) == (2, "exit-7")


def test_shell_function_leaves_the_command_alone_when_nobody_listens(page):
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed.")
    script = example(page, "sh", "flowtrail_step()").replace("--retry 5", "--retry 0")
    done = run("bash", "-c", script, FLOWTRAIL_EVENTS="http://127.0.0.1:1/v1/events")
    assert done.returncode == 0
    assert "did not take the event" in done.stderr


def test_google_sheet(page, address, sink):
    script = GOOGLE + example(page, "javascript", "sendRows") + "\nsendRows(); console.log(JSON.stringify(notes));"
    for _ in range(2):
        done = run("node", "-e", script, FLOWTRAIL_EVENTS=address)
        assert done.returncode == 0, done.stderr
        [[row, column, note]] = json.loads(done.stdout)
        assert (row, column) == (3, 1)
        assert note.startswith('time: "yesterday" is no time.')
    assert [attributes(span)["flow.event.id"] for span in stored(sink, 2)] == ["77/2"] * 2
    assert len(set(sink.spans)) == 1


def test_powershell(page, address, sink):
    script = example(page, "powershell", "ConvertTo-Json").replace("http://127.0.0.1:4318/v1/events", address)
    done = run("pwsh", "-NoProfile", "-Command", script, USERNAME="dana")
    assert done.returncode == 0, done.stderr
    assert attributes(stored(sink, 1)[0])["flow.value.amount"] == "249.90"


def test_every_field_has_its_row(page):
    named = {name for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert {name for name in FIELDS if name not in named} == set()
