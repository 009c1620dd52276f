from __future__ import annotations

import errno
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from collector.durable_log.duplicates import Duplicates
from collector.durable_log.log import DurableLog, LogHooks
from collector.durable_log.record import digest
from collector.durable_log.segment import FileSegment, Position
from collector.service import Collector
from store.intake import Envelope, Signal
from tests.collector.running import PROTOBUF, Running, eventually, settings
from tests.collector.sinks import FileSink
from tests.collector.spans import request, span_ids, span_names, spoilt

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 1_000_000_000


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> int:
        return int(self.now_s * SECOND)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def numbered(number: int) -> bytes:
    return number.to_bytes(16, "big")


def test_a_request_is_known_until_its_window_is_over(tmp_path, clock):
    known = Duplicates(tmp_path, 600, 1000, clock)
    known.add(1, [numbered(1)])
    clock.now_s += 599
    assert numbered(1) in known
    clock.now_s += 30
    assert (numbered(1) in known, len(known)) == (False, 0)


def test_no_more_are_known_than_allowed_and_the_oldest_go_first(tmp_path, clock):
    known = Duplicates(tmp_path, 600, 100, clock)
    for number in range(1000):
        known.add(1, [numbered(number)])
    assert 90 <= len(known) <= 100
    assert (numbered(999) in known, numbered(0) in known) == (True, False)


@pytest.mark.parametrize(("window_s", "entries"), [(0, 1000), (600, 0)])
def test_zero_means_that_nothing_is_known(tmp_path, clock, window_s, entries):
    known = Duplicates(tmp_path, window_s, entries, clock)
    known.add(1, [numbered(1)])
    assert (known.enabled, numbered(1) in known) == (False, False)


def test_digests_of_deleted_files_survive_a_restart_and_their_journal_stays_small(tmp_path, clock):
    known = Duplicates(tmp_path, 600, 100_000, clock)
    for segment in range(60):
        known.add(segment, [numbered(segment * 10_000 + number) for number in range(3000)])
        known.save_before_delete([segment])
        clock.now_s += 30
    again = Duplicates(tmp_path, 600, 100_000, clock)
    assert numbered(59 * 10_000) in again
    assert numbered(45 * 10_000 + 2999) in again
    assert numbered(30 * 10_000) not in again
    journal = list((tmp_path / "duplicates").iterdir())
    assert sum(path.stat().st_size for path in journal) < 3_500_000
    assert {path.stat().st_mode & 0o777 for path in journal} == {0o600}


def test_a_journal_that_was_written_halfway_keeps_what_is_whole(tmp_path, clock):
    known = Duplicates(tmp_path, 600, 1000, clock)
    known.add(1, [numbered(1)])
    known.save_before_delete([1])
    known.add(2, [numbered(2)])
    known.save_before_delete([2])
    (journal,) = (tmp_path / "duplicates").iterdir()
    journal.write_bytes(journal.read_bytes()[:-5])
    again = Duplicates(tmp_path, 600, 1000, clock)
    assert (numbered(1) in again, numbered(2) in again) == (True, False)
    again.add(3, [numbered(3)])
    again.save_before_delete([3])
    assert numbered(3) in Duplicates(tmp_path, 600, 1000, clock)


def test_a_full_disk_does_not_keep_the_log_from_making_room(tmp_path, clock, monkeypatch):
    known = Duplicates(tmp_path, 600, 1000, clock)
    known.add(1, [numbered(1)])
    with monkeypatch.context() as full:

        def refuse(_fd):
            raise OSError(errno.ENOSPC, "No space left on device")

        full.setattr("os.fsync", refuse)
        known.save_before_delete([1])
    assert numbered(1) in known
    known.add(2, [numbered(2)])
    known.save_before_delete([2])
    again = Duplicates(tmp_path, 600, 1000, clock)
    assert (numbered(1) in again, numbered(2) in again) == (True, True)


def test_what_lies_in_the_log_is_read_back_from_it_stored_or_not(tmp_path, clock):
    envelopes = [Envelope("default", clock(), bytes([number]) * 50) for number in range(9)]
    known = Duplicates(tmp_path, 600, 1000, clock)
    log = DurableLog(
        tmp_path, Position(0, 0), segment_bytes=300, hooks=LogHooks(before_delete=known.save_before_delete, clock=clock)
    )
    for envelope in envelopes:
        known.add(log.append([envelope]), [digest(envelope)])
    batch = log.read_next(10_000)
    assert batch is not None
    log.release(batch)
    log.close()
    again = Duplicates(tmp_path, 600, 1000, clock)
    assert all(digest(envelope) in again for envelope in envelopes)
    DurableLog(
        tmp_path, batch.end, segment_bytes=300, hooks=LogHooks(before_delete=again.save_before_delete, clock=clock)
    )
    assert all(digest(envelope) in Duplicates(tmp_path, 600, 1000, clock) for envelope in envelopes)


def test_tenant_signal_and_bytes_make_the_digest_and_the_time_does_not():
    envelope = Envelope("a", 1, b"xy")
    assert digest(envelope) == digest(Envelope("a", 2, b"xy"))
    others = [Envelope("b", 1, b"xy"), Envelope("a", 1, b"xz"), Envelope("a", 1, b"xy", Signal.LOGS)]
    shifted = Envelope("ax", 1, b"y")  # the same bytes, divided differently between tenant and request
    assert len({digest(other) for other in [envelope, *others, shifted]}) == 5


def test_a_duplicate_gets_the_same_answer_and_is_stored_once(running, sink):
    body, partly = request(3), spoilt(2, span_id=b"")
    answers = [running.post(body) for body in (body, body, partly, partly)]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert answers[2].content == answers[3].content != b""
    eventually(lambda: running.collector.pending_bytes == 0)
    assert sorted(sink.spans) == sorted(span_ids(body) + [span_id for span_id in span_ids(partly) if span_id])
    assert running.collector.dead_letters.count == 1
    assert running.metrics()['flowtrail_collector_duplicate_requests_total{signal="traces"}'] == 2


def test_two_at_the_same_time_are_written_once_and_share_the_result(tmp_path, sink):
    slow = {"commit_interval_ms": 300}
    full = True

    class Disk(FileSegment):
        def sync(self):
            if full:
                raise OSError(errno.ENOSPC, "No space left on device")
            super().sync()

    with Running(Collector(settings(tmp_path, **slow), sink, open_segment=Disk)) as running:

        async def twice(body: bytes) -> list[object]:
            import asyncio  # noqa: PLC0415

            parts = running.collector._parts
            both = [parts.receiver.commit(Envelope("default", 1, body)) for _ in range(2)]
            return await asyncio.gather(*both, return_exceptions=True)

        body = request(1)
        assert [str(error).startswith("The durable log") for error in running.call(twice(body))] == [True, True]
        full = False
        assert running.call(twice(body)) == [False, True]
        eventually(lambda: sink.spans == span_ids(body))


def test_a_replayed_letter_is_stored_although_its_bytes_were_taken_a_moment_ago(running, sink):
    sink.refuse = lambda envelope: "poison" in span_names(envelope.request)
    body = request(1, name="poison")
    running.post(body)
    letters = running.collector.dead_letters
    eventually(lambda: letters.count == 1)
    sink.refuse = lambda _one: False
    assert len(running.call(running.collector.replay_dead_letters()).taken) == 1
    eventually(lambda: sink.spans == span_ids(body))


@contextmanager
def child(tmp_path: Path, *options: str):
    command = [sys.executable, "-m", "tests.collector.child", str(tmp_path / "log"), str(tmp_path / "sink"), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process, f"http://127.0.0.1:{process.stdout.readline().strip()}/v1/traces"
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def test_what_was_sent_before_a_kill_is_known_after_it(tmp_path):
    sent = [request(20) for _ in range(40)]  # several files of the log, most of them stored and deleted
    for stop in ("kill", "terminate"):
        with child(tmp_path) as (process, url), httpx.Client(headers=PROTOBUF) as client:
            assert {client.post(url, content=body).status_code for body in sent} == {200}
            if stop == "kill":
                process.kill()
    stored = FileSink(tmp_path / "sink").spans()
    assert sorted(stored) == sorted(span for body in sent for span in span_ids(body))
