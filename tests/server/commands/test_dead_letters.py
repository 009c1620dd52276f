"""``flowtrail deadletters`` on the folder of a collector that has stopped, and over HTTP on one that runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.errors import Refusal
from collector.principal import Principal
from collector.service import Collector
from server.cli import main
from tests.collector.running import Running, eventually, settings
from tests.collector.sinks import MemorySink
from tests.collector.spans import request, span_names, spoilt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result


def run(command: str, data: Path, *options: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["deadletters", command, *options, "--data", str(data)], input=answer)


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


@pytest.fixture(params=["stopped", "running"])
def place(request: pytest.FixtureRequest, data: Path) -> Iterator[Path]:
    """The same letters, with and without a collector that runs on them."""
    if request.param == "stopped":
        yield data
        return
    with Running(Collector(settings(data / "collector"), MemorySink())):
        yield data


def ids(data: Path) -> list[str]:
    return [line.split()[0] for line in run("list", data).stdout.splitlines()[:-1]]


def test_the_list_says_what_the_letters_are_and_why(place):
    first, second, total = run("list", place).stdout.splitlines()
    assert ("store" in first, "1 traces" in first, "The store does not like it." in first) == (True, True, True)
    assert ("door" in second, "span_id is missing" in second, total) == (True, True, "2 dead letters.")
    found = json.loads(run("list", place, "--json").stdout)
    assert [one["id"] for one in found] == ids(place)


def test_an_empty_list_makes_no_folder(tmp_path):
    assert run("list", tmp_path).output == "0 dead letters.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_letter_is_shown_and_its_values_only_on_demand(place):
    poison, _ = ids(place)
    shown = run("show", place, poison).stdout
    assert ("The store does not like it." in shown, '"name": "poison"' in shown, "wms" in shown) == (True, True, False)
    assert "--values shows them" in shown
    assert "wms" in run("show", place, poison, "--values").stdout
    assert json.loads(run("show", place, poison, "--json").stdout)["items"] == 1
    unknown = run("show", place, "nothing")
    assert (unknown.exit_code, "There is no dead letter 'nothing'" in unknown.output) == (1, True)


def test_a_letter_is_dropped_after_a_yes(place):
    poison, door = ids(place)
    assert run("drop", place, poison, answer="n\n").exit_code == 1
    assert ids(place) == [poison, door]
    assert run("drop", place, poison, answer="y\n").exit_code == 0
    assert ids(place) == [door]
    assert json.loads(run("drop", place, door, "--yes", "--json").stdout) == {"dropped": [door]}
    assert run("list", place).output == "0 dead letters.\n"


def test_a_replayed_letter_is_stored_by_the_next_start(data):
    poison, door = ids(data)
    outcome = run("replay", data)
    assert (outcome.exit_code, outcome.output.splitlines()[-1]) == (1, "1 dead letter replayed, 1 kept.")
    assert f"kept {door}: Nothing in the request can be accepted" in outcome.output
    assert ids(data) == [door]
    sink = MemorySink()
    with Running(Collector(settings(data / "collector"), sink)):
        eventually(lambda: len(sink.spans) == 1)
    assert [span_names(one.request) for one in sink.envelopes] == [["poison"]]
    assert sink.envelopes[0].received_ns == int(poison.partition("-")[0])


def test_a_running_collector_stores_a_replayed_letter_at_once(data):
    sink = MemorySink()
    with Running(Collector(settings(data / "collector"), sink)):
        poison, door = ids(data)
        outcome = json.loads(run("replay", data, poison, "--json").stdout)
        assert outcome == {"taken": [poison], "kept": []}
        eventually(lambda: len(sink.spans) == 1)
        assert ids(data) == [door]


def test_one_letter_is_replayed_by_its_id_and_an_unknown_one_is_named(place):
    poison, _ = ids(place)
    assert run("replay", place, poison).exit_code == 0
    unknown = run("replay", place, poison)
    assert (unknown.exit_code, "There is no dead letter" in unknown.output) == (1, True)


def test_a_running_collector_wants_the_key_it_knows(data):
    def authenticate(headers, _peer, _scope):
        if headers.get("authorization") != "Bearer secret":
            raise Refusal("unauthenticated", "No such key.")
        return Principal("default", "k")

    with Running(Collector(settings(data / "collector"), MemorySink(), authenticate=authenticate)) as running:
        refused = run("list", data)
        assert (refused.exit_code, "No such key. Give a key with --key" in refused.output) == (1, True)
        assert "2 dead letters." in run("list", data, "--key", "secret").output
        url = f"http://127.0.0.1:{running.http_port}"
        elsewhere = CliRunner(env={"FLOWTRAIL_KEY": "secret"}).invoke(main, ["deadletters", "list", "--url", url])
        assert "2 dead letters." in elsewhere.output
    gone = CliRunner().invoke(main, ["deadletters", "list", "--url", url])
    assert (gone.exit_code, "cannot be reached" in gone.output) == (1, True)
