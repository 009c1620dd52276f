"""Logs become cases, through the collector's own path."""

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.importing.conftest import LOGS, Place, differing, mapping, said

pytestmark = pytest.mark.slow


def test_a_csv_log_becomes_cases_and_twice_is_the_same_as_once(place: Place) -> None:
    log = LOGS / "orders.csv", mapping("orders")
    done = place.bring(log)
    assert done.complete
    assert (done.summaries[0].cases, done.summaries[0].events) == (2, 7)
    once = place.cases()
    first, second = once
    assert (first["CaseId"], first["Outcome"], first["Events"], first["Touches"]) == ("4711", "completed", 5, 1)
    assert (second["CaseId"], second["Outcome"], second["NowStep"]) == ("4712", "rejected", "Reject order")
    assert first["End"] == datetime(2026, 3, 2, 15, tzinfo=UTC)
    assert (str(first["Value"]), first["ValueCurrency"], first["Dims"]) == ("120.500000", "EUR", {"channel": "web"})
    assert place.bring(log).complete
    assert place.cases() == once


def test_parquet_gives_the_cases_that_csv_gives(place: Place, another_place: Place, tmp_path: Path) -> None:
    rows = list(csv.DictReader((LOGS / "orders.csv").open(encoding="utf-8"), delimiter=";"))
    columns = {name: [row[name] or None for row in rows] for name in rows[0]}
    columns["Order ID"] = [int(text or 0) for text in columns["Order ID"]]
    columns["Timestamp"] = [datetime.fromisoformat(text or "") for text in columns["Timestamp"]]
    columns["Amount"] = [float((text or "").replace(",", ".")) for text in columns["Amount"]]
    table = pa.table({**columns, "Timestamp": pa.array(columns["Timestamp"], pa.timestamp("ns", "UTC"))})
    pq.write_table(table, tmp_path / "orders.parquet")
    rules = mapping("orders")
    place.bring((LOGS / "orders.csv", rules))
    another_place.bring((tmp_path / "orders.parquet", rules))
    assert not (found := differing(another_place.cases(), place.cases(), ids=False)), found


def test_xes_pairs_transitions_and_keeps_the_order_of_equal_times(place: Place) -> None:
    rules = said(
        flow="orders",
        system="shop",
        actor={"rules": [{"match": ["batch", "system"], "type": "service"}], "otherwise": "human"},
        refs={"customer": "case:customer"},
        value={"amount": "amount", "currency": "EUR"},
        outcomes={"last": [{"contains": "Reject order", "outcome": "rejected"}]},
    )
    done = place.bring((LOGS / "orders.xes", rules))
    counts = done.summaries[0].counts
    assert counts is not None
    assert (counts.records, counts.events, counts.skipped) == (12, 9, 1)
    steps = place.rows(
        "SELECT CaseId, Step, State, Failed, End > Timestamp AS Long FROM steps WHERE KeyType = 'case' "
        "ORDER BY CaseId, End, reinterpretAsUInt64(reverse(unhex(SpanId)))"
    )
    told = [(row["CaseId"], row["Step"], row["State"], row["Failed"], row["Long"]) for row in steps]
    assert told == [
        ("4711", "Create order", "", False, 0),
        ("4711", "Check credit", "", False, 1),
        ("4711", "Approve order", "", False, 0),
        ("4711", "Ship goods", "started", False, 0),
        ("4712", "Create order", "", False, 0),
        ("4712", "Call carrier", "", True, 0),
        ("4712", "Second", "", False, 0),
        ("4712", "First by name, third in the file", "", False, 0),
        ("4712", "Reject order", "", False, 0),
    ]
    open_case, rejected = place.cases()
    assert (open_case["NowState"], open_case["NowStep"], open_case["Outcome"]) == ("in_progress", "Ship goods", "")
    assert (rejected["Outcome"], rejected["NowStep"], rejected["FailedUnclassified"]) == ("rejected", "Reject order", 1)
    notes = place.rows("SELECT Events.Name AS names FROM otel_traces WHERE SpanName = 'Check credit'")
    assert notes == [{"names": ["lifecycle.schedule"]}]


def test_two_files_of_one_case_add_up(place: Place, tmp_path: Path) -> None:
    lines = (LOGS / "orders.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "march.csv").write_text("\n".join(lines[:4]), encoding="utf-8")
    (tmp_path / "april.csv").write_text("\n".join([lines[0], *lines[4:]]), encoding="utf-8")
    rules = mapping("orders")
    done = place.bring((tmp_path / "march.csv", rules), (tmp_path / "april.csv", rules))
    assert [summary.events for summary in done.summaries] == [3, 4]
    assert {row["CaseId"]: row["Events"] for row in place.cases()} == {"4711": 5, "4712": 2}


def test_object_centric_events_reach_their_orders_through_items(place: Place) -> None:
    place.bring((LOGS / "orders.ocel.json", mapping("objects")))
    cases = {row["CaseId"]: row for row in place.cases()}
    assert Counter({case: row["Events"] for case, row in cases.items()}) == {"O-1": 4, "O-2": 4}
    assert [row["SharedEvents"] for row in cases.values()] == [1, 1]
    assert [str(row["Value"]) for row in cases.values()] == ["90.250000", "20.000000"]
    assert [row["Dims"] for row in cases.values()] == [{"channel": "web"}, {"channel": "phone"}]
