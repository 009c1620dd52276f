"""``flowtrail import`` and ``flowtrail export`` as a person runs them."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from tests.importing.conftest import LOGS


@pytest.fixture
def run(migrated_chdb_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Commands on a store and a data folder of their own."""
    monkeypatch.setenv("FLOWTRAIL_STORE", migrated_chdb_url)

    def go(*words: str) -> Result:
        return CliRunner().invoke(main, [words[0], "--data", str(tmp_path / "data"), *words[1:]])

    return go


def test_what_came_in_goes_out_again(run, tmp_path):
    log, rules = LOGS / "orders.csv", LOGS / "orders.yaml"
    done = run("import", f"{log}={rules}", "--json")
    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)
    assert (told["cases"], told["events"], told["outcomes"]) == (2, 7, {"completed": 1, "rejected": 1})
    done = run("export", "--flow", "orders", "--case", "4712")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["flow.step"], row["flow.case.outcome"]) for row in rows] == [
        ("Create order", ""),
        ("Reject order", "rejected"),
    ]
    target = tmp_path / "rejected.csv"
    words = [
        "--from",
        "2026-03-01",
        "--to",
        "2026-03-08",
        "--kpi",
        "touchless-rate",
        "--group",
        '{"outcome":"rejected"}',
    ]
    done = run("export", "--flow", "orders", *words, "--group-by", "outcome", "-o", str(target))
    assert done.exit_code == 0, done.output
    assert {row["case_id"] for row in csv.DictReader(target.open(encoding="utf-8"))} == {"4712"}
    done = run("export", "--flow", "orders", "--case", "4713")
    assert (done.exit_code, "There is no case 4713 of orders." in done.output) == (1, True)


def test_what_cannot_be_read_is_reported_and_the_exit_code_says_so(run, tmp_path):
    log = tmp_path / "orders.csv"
    log.write_text(
        "case_id,activity,timestamp\n1,A,2026-01-01T00:00:00Z\n1,B,noon\n1,C,2026-01-02T00:00:00Z\n", "utf-8"
    )
    done = run("import", str(log), "--report", str(tmp_path / "unread"))
    assert done.exit_code == 1
    assert "2 events of 1 case" in done.output
    assert "orders.csv, line 3" in done.output
    assert "No event ends its case" in done.output
    assert json.loads((tmp_path / "unread").read_bytes()) == {
        "file": "orders.csv",
        "line": 3,
        "field": "timestamp",
        "why": "'noon' is not a time in ISO 8601.",
        "what_to_do": "Say how times are written: times.format in a mapping.",
    }
    strict = run("import", str(log), "--strict")
    assert (strict.exit_code, "line 3, timestamp: 'noon'" in strict.output) == (1, True)


def test_a_dry_run_shows_what_was_guessed_and_sends_nothing(run, tmp_path):
    done = run("import", str(LOGS / "orders.csv"), "--dry-run")
    assert done.exit_code == 0, done.output
    for line in ("case: attribute Order ID", "dimensions: channel", "flow.case.id: 4711", "flow.action: create"):
        assert line in done.output
    assert not (tmp_path / "data").exists()
    missing = run("import", str(tmp_path / "nothing.csv"))
    assert (missing.exit_code, "There is no file" in missing.output) == (1, True)
    assert run("import").exit_code == 2
