"""``flowtrail dead-letters`` on the log of a collector that has stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.service import Collector
from server.cli import main
from tests.collector.running import Running, eventually, settings
from tests.collector.sinks import MemorySink
from tests.collector.spans import request, span_names, spoilt

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(command: str, data: Path, *ids: str) -> Result:
    return CliRunner().invoke(main, ["dead-letters", command, *ids, "--data", str(data)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two letters: one that the store refused, one from the door."""
    sink = MemorySink()
    sink.refuse = lambda envelope: "poison" in span_names(envelope.request)
    with Running(Collector(settings(tmp_path / "collector"), sink)) as running:
        running.post(request(1, name="poison"))
        running.post(spoilt(1, span_id=b""))
        eventually(lambda: running.collector.dead_letters.count == 2 and not running.collector.pending_bytes)
    return tmp_path


def ids(data: Path) -> list[str]:
    return [line.split()[0] for line in run("list", data).output.splitlines()[:-1]]


def test_the_list_says_what_the_letters_are_and_why(data):
    first, second, total = run("list", data).output.splitlines()
    assert ("store" in first, "1 spans" in first, "The store does not like it." in first) == (True, True, True)
    assert ("door" in second, "span_id is missing" in second, total) == (True, True, "2 dead letters.")


def test_an_empty_list_makes_no_folder(tmp_path):
    assert run("list", tmp_path).output == "0 dead letters.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_replayed_letter_is_stored_by_the_next_start(data):
    poison, door = ids(data)
    outcome = run("replay", data)
    assert (outcome.exit_code, outcome.output.splitlines()[-1]) == (1, "1 dead letters replayed, 1 kept.")
    assert f"kept {door}: No span of the request can be taken" in outcome.output
    assert ids(data) == [door]
    sink = MemorySink()
    with Running(Collector(settings(data / "collector"), sink)):
        eventually(lambda: len(sink.spans) == 1)
    assert [span_names(one.request) for one in sink.envelopes] == [["poison"]]
    assert sink.envelopes[0].received_ns == int(poison.partition("-")[0])


def test_one_letter_is_replayed_by_its_id_and_an_unknown_one_is_named(data):
    poison, _ = ids(data)
    assert run("replay", data, poison).exit_code == 0
    unknown = run("replay", data, poison)
    assert (unknown.exit_code, "There is no dead letter" in unknown.output) == (1, True)


def test_while_a_collector_runs_letters_are_listed_and_not_replayed(data):
    with Running(Collector(settings(data / "collector"), MemorySink())):
        assert len(ids(data)) == 2
        refused = run("replay", data)
    assert (refused.exit_code, "Stop flowtrail serve first." in refused.output) == (1, True)
    assert len(ids(data)) == 2
