"""What is promised, under real faults: a real process, real files, SIGKILL in the middle of traffic."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.collector.running import PROTOBUF
from tests.collector.sinks import FileSink
from tests.collector.spans import request, span_ids

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@contextmanager
def child(tmp_path: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A collector process and its address; ended in order unless it was killed before."""
    command = [sys.executable, "-m", "tests.collector.child", str(tmp_path / "log"), str(tmp_path / "sink")]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, f"http://127.0.0.1:{process.stdout.readline().strip()}/v1/traces"
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


class Traffic:
    """Senders that go on until the collector dies; remembers what was sent and what was acknowledged."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.acknowledged: list[bytes] = []
        self._enough = threading.Event()
        self._lock = threading.Lock()

    def until(self, url: str, acknowledged: int) -> list[threading.Thread]:
        """Start senders; returns once so many more spans were acknowledged, while they go on."""
        self._enough.clear()
        threads = self.start(url, len(self.acknowledged) + acknowledged)
        assert self._enough.wait(60)
        return threads

    def start(self, url: str, goal: int = 0) -> list[threading.Thread]:
        """Start senders that end when the collector does."""
        threads = [threading.Thread(target=self._send, args=(url, goal)) for _ in range(4)]
        for thread in threads:
            thread.start()
        return threads

    def _send(self, url: str, goal: int) -> None:
        with httpx.Client(headers=PROTOBUF) as client:
            while True:
                with self._lock:
                    body = request(random.randint(1, 5))
                    self.sent += span_ids(body)
                try:
                    answer = client.post(url, content=body)
                except httpx.HTTPError:
                    return
                assert answer.status_code == 200
                with self._lock:
                    self.acknowledged += span_ids(body)
                    if len(self.acknowledged) >= goal:
                        self._enough.set()


def test_what_was_acknowledged_is_stored_exactly_once_however_often_the_collector_is_killed(tmp_path):
    traffic = Traffic()
    for _ in range(4):
        with child(tmp_path) as (process, url):
            threads = traffic.until(url, acknowledged=random.randint(20, 300))
            process.kill()
            for thread in threads:
                thread.join()
    with child(tmp_path):
        pass  # starts, recovers, and empties its log on the way out
    stored = FileSink(tmp_path / "sink").spans()
    assert len(stored) == len(set(stored))
    assert set(traffic.acknowledged) <= set(stored) <= set(traffic.sent)


def test_a_batch_that_was_stored_when_the_collector_died_is_not_stored_again(tmp_path):
    """The hardest moment: between the store's work and the note that it is done."""
    traffic = Traffic()
    for die_at in (1, 2, 5):
        with child(tmp_path, f"die_at={die_at}") as (_, url):
            for thread in traffic.start(url):
                thread.join()
    with child(tmp_path):
        pass
    stored = FileSink(tmp_path / "sink").spans()
    assert len(stored) == len(set(stored))
    assert set(traffic.acknowledged) <= set(stored) <= set(traffic.sent)


def test_a_file_system_that_refuses_to_grow_a_file_loses_and_doubles_nothing(tmp_path):
    acknowledged, refused = [], []
    with child(tmp_path, "largest_file=12000") as (_, url), httpx.Client(headers=PROTOBUF) as client:
        for body in (request(20) for _ in range(1000)):
            if len(refused) == 60:
                break
            answer = client.post(url, content=body)
            if answer.status_code == 200:
                acknowledged += span_ids(body)
            else:
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
                refused += span_ids(body)
    assert len(refused) == 60
    assert acknowledged
    assert sorted(FileSink(tmp_path / "sink").spans()) == sorted(acknowledged)


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_log_whose_tail_was_torn_in_a_crash_starts_and_says_so(tmp_path, cut):
    """The unfinished write of a crash, made by hand: half a record behind the last whole one."""
    traffic = Traffic()
    with child(tmp_path) as (process, url):
        threads = traffic.until(url, acknowledged=10)
        process.kill()
        for thread in threads:
            thread.join()
    newest = max((tmp_path / "log").glob("*.log"))
    with newest.open("ab") as file:
        file.write(b"FTL2" + bytes(range(1, 100))[:cut] if cut < 10 else b"\0" * cut)
    with child(tmp_path) as (_, url):
        metrics = httpx.get(url.replace("/v1/traces", "/metrics")).text
        assert httpx.post(url, content=request(), headers=PROTOBUF).status_code == 200
    torn = next(line for line in metrics.splitlines() if line.startswith("flowtrail_collector_log_torn_bytes "))
    assert float(torn.split()[1]) > 0
    stored = FileSink(tmp_path / "sink").spans()
    assert set(traffic.acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))
