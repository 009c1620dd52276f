from __future__ import annotations

import pytest

from collector.dead_letters.store import DeadLetters, Letter, letter_id
from collector.errors import CollectorError
from collector.pipeline import Pipeline, PipelineHooks
from collector.service import Collector
from collector.telemetry.telemetry import Telemetry
from store.intake import Signal
from tests.collector.running import Running, eventually, settings
from tests.collector.spans import request, span_ids, span_names, spoilt


def letter(number: int, content: str = "request") -> Letter:
    return Letter(letter_id(number, "x"), "door", "größer", "default", number, content, 1, 5, Signal.TRACES)


def test_letters_are_listed_oldest_first_and_survive_a_restart(tmp_path):
    letters = DeadLetters(tmp_path, 10**6)
    for number in (3, 1, 2):
        letters.keep(letter(number), b"body\nwith a line")
    letters.keep(letter(1), b"body\nwith a line")
    again = DeadLetters(tmp_path, 10**6)
    assert [item.received_ns for item in again.list()] == [1, 2, 3]
    assert (again.count, again.disk_bytes) == (letters.count, letters.disk_bytes) == (3, 3 * 4096)
    assert again.read(letter(1).id) == (letter(1), b"body\nwith a line")


def test_a_deleted_or_unknown_letter_is_not_found(tmp_path):
    letters = DeadLetters(tmp_path, 10**6)
    letters.keep(letter(1), b"body")
    letters.delete(letter(1).id)
    assert letters.count == letters.disk_bytes == 0
    for unknown in (letter(1).id, "../progress", ""):
        with pytest.raises(CollectorError, match="no dead letter"):
            letters.read(unknown)
        with pytest.raises(CollectorError, match="no dead letter"):
            letters.delete(unknown)


def test_the_cap_holds_for_the_door_and_never_for_what_was_acknowledged(tmp_path):
    letters = DeadLetters(tmp_path, 2 * 4096)
    assert [letters.keep_if_room(letter(number), b"x") for number in range(3)] == [True, True, False]
    letters.keep(letter(9), b"acknowledged")
    assert letters.count == 3


def test_a_replay_stores_what_the_store_takes_now_and_keeps_the_rest(tmp_path, sink):
    sink.refuse = lambda envelope: "poison" in span_names(envelope.request)
    with Running(Collector(settings(tmp_path), sink)) as running:
        running.post(request(1, name="poison"))
        running.post(spoilt(1, span_id=b""))
        letters = running.collector.dead_letters
        eventually(lambda: letters.count == 2)
        poison, door = list(letters.list())
        assert running.call(running.collector.replay_dead_letters([poison.id])).taken == (poison.id,)
        eventually(lambda: letters.count == 2)  # the store still refuses it: a dead letter again
        sink.refuse = lambda _envelope: False
        outcome = running.call(running.collector.replay_dead_letters())
        assert len(outcome.taken) == 1
        assert [(letter_id, "1 span(s): span_id is missing" in why) for letter_id, why in outcome.kept] == [
            (door.id, True)
        ]
        eventually(lambda: len(sink.spans) == 2)
        assert [item.id for item in letters.list()] == [door.id]
    assert (
        next(item for item in sink.envelopes if span_names(item.request) == ["poison"]).received_ns
        == poison.received_ns
    )


def test_letters_are_readable_by_their_owner_alone(tmp_path):
    directory = tmp_path / "letters"
    DeadLetters(directory, 10**6).keep(letter(1), b"body")
    assert [path.stat().st_mode & 0o777 for path in (directory, *directory.iterdir())] == [0o700, 0o600]
    directory.chmod(0o755)
    DeadLetters(directory, 10**6)
    assert directory.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("appended", [True, False])
def test_a_replay_that_a_crash_interrupted_is_neither_lost_nor_done_twice(tmp_path, sink, appended):
    """The crash: the letter is set aside, and its request is in the log or not."""
    sink.refuse = lambda _envelope: True
    body = request(1)
    with Running(Collector(settings(tmp_path), sink)) as running:
        running.post(body)
        eventually(lambda: running.collector.dead_letters.count == 1 and not running.collector.pending_bytes)
    pipeline = Pipeline(settings(tmp_path), PipelineHooks(sink, sink, sink.take_back), Telemetry())
    (only,) = pipeline.dead_letters.list()
    end = pipeline.log.end
    pipeline.dead_letters.set_aside(only.id, f"{end.segment}-{end.offset}")
    if appended:
        pipeline.log.append([only.envelope(body)])
    pipeline.stop(0)
    sink.refuse = lambda _envelope: False
    with Running(Collector(settings(tmp_path), sink)) as running:
        eventually(lambda: running.collector.pending_bytes == 0)
        assert running.collector.dead_letters.count == (0 if appended else 1)
        assert sink.spans == (span_ids(body) if appended else [])
        assert not list((tmp_path / "dead-letters").glob("*.replaying"))
