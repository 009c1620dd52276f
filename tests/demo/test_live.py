"""Five real processes, real HTTP, a real queue file."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from click.testing import CliRunner

from demo.errors import DemoError
from demo.run import SYSTEMS, Demo, main

SOON_S = 60.0
SERIES = 60_000_000
"""Fixed, as the dice fall by the numbers: by default they begin at one taken from the clock."""


def eventually(condition):
    deadline = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_orders_pass_through_five_processes_and_the_spans_tell_what_the_systems_did(sink, tmp_path):
    with Demo(sink.endpoint, tmp_path, seed=5, series=SERIES) as demo:
        numbers = demo.push(8)
        assert demo.wait_until_through(SOON_S), demo.under_way()
        interesting = demo.interesting_order(SOON_S)
    truth = json.loads((tmp_path / "truth.json").read_text())["orders"]
    assert set(numbers) <= set(truth)
    assert all(truth[number]["outcome"] for number in numbers)
    done = Counter((step["system"], step["step"]) for account in truth.values() for step in account["steps"])
    sent = Counter((span.system, span.name) for span in sink.spans if span.finished)
    assert set(sent) == set(done)
    alone = Counter(
        (number, step["system"], step["step"], step["attempt"])
        for number, account in truth.items()
        for step in account["steps"]
        if not step["refs"].get("package") and not step["refs"].get("tracking")
    )
    named = Counter(
        (span.attributes["flow.case.id"], span.system, span.name, span.attributes.get("flow.attempt", 1))
        for span in sink.spans
        if span.finished and "flow.case.id" in span.attributes
    )
    assert named == alone
    account = truth[interesting]
    assert account["retries"]
    assert account["shared_with"]
    assert "approve-order" in {step["step"] for step in account["steps"]}
    assert {step["system"] for step in account["steps"]} == set(SYSTEMS)


def test_a_trickle_goes_on_until_it_is_stopped(sink, tmp_path):
    with Demo(sink.endpoint, tmp_path, seed=6, series=SERIES) as demo:
        stop = threading.Event()
        thread = threading.Thread(target=demo.trickle, args=(20.0, stop))
        thread.start()
        eventually(lambda: len(demo.truth()["orders"]) >= 3)
        stop.set()
        thread.join(SOON_S)
        assert not thread.is_alive()


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo = Demo("http://127.0.0.1:9", tmp_path, ports=dict.fromkeys(SYSTEMS, port))
        with pytest.raises(DemoError, match=f"Port {port}, meant for the demo's shop"):
            demo.start()


def test_a_system_that_dies_at_once_shows_its_last_words(tmp_path):
    (tmp_path / "queue.sqlite").mkdir()
    with pytest.raises(DemoError, match=r"(?s)died at once.*unable to open database file"):
        Demo("http://127.0.0.1:9", tmp_path).start()


def test_the_systems_end_when_their_parent_is_killed(sink, tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from demo.run import Demo\n"
        "demo = Demo(sys.argv[1], Path(sys.argv[2])); demo.start()\n"
        "print(*demo.urls.values(), flush=True); time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, sink.endpoint, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    ports = [int(url.rpartition(":")[2]) for url in parent.stdout.readline().split()]
    assert len(ports) == 5
    assert all(listens(port) for port in ports)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    eventually(lambda: not any(listens(port) for port in ports))


def test_the_command_pushes_orders_and_exits_when_they_are_through(sink, tmp_path):
    arguments = ["--endpoint", sink.endpoint, "--workdir", str(tmp_path), "--orders", "4", "--exit", "--speed", "2"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "4 orders" in result.output
    assert "All are through" in result.output
