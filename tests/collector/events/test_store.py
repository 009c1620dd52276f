"""Events through the real store: they become cases, each event once."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

from cases.fold.fold import Fold
from collector.service import Collector
from store.client import open_store
from store.intake import insert_envelopes
from tests.collector.running import Running, eventually, settings

STEP = {"flow": "order-to-cash", "system": "returns-sheet", "step": "approve"}
NOON = "2026-03-01T12:00Z"


@pytest.fixture
def store(migrated_chdb_url):
    opened = open_store(migrated_chdb_url)
    yield opened
    opened.close()


def cases_after(running, store, events) -> dict:
    """Send each event in a request of its own, fold, and give every case by its id."""
    for event in events:
        assert running.http.post("/v1/events", json={**STEP, **event}).status_code == 200
    eventually(lambda: running.collector.pending_bytes == 0)
    folder = Fold(store)
    while folder.fold_pending():
        pass
    return {case["CaseId"]: case for case in store.rows("SELECT * FROM cases FINAL")}


def test_events_become_cases_and_each_counts_once(tmp_path, store):
    money = {"amount": "123456789012.123456", "currency": "EUR"}
    exact = {"case": "exact", "id": 1, "time": NOON, "value": money, "outcome": "completed"}
    changed = {"case": "changed", "id": 2, "time": NOON, "cost": {"amount": 5, "currency": "EUR"}}
    by_content = {"case": "content", "time": NOON}
    waiting = {"case": "waiting", "id": 3, "time": NOON, "state": "started", "actor": {"type": "human", "id": "dana"}}
    with Running(Collector(settings(tmp_path, batch_max_age_ms=300), partial(insert_envelopes, store))) as running:
        cases = cases_after(running, store, [exact, exact, changed, by_content, waiting])
        assert (cases["exact"]["Value"], cases["exact"]["Outcome"]) == (Decimal(money["amount"]), "completed")
        assert (cases["exact"]["Events"], cases["exact"]["Systems"]) == (1, ["returns-sheet"])
        assert (cases["waiting"]["OpenSteps"], cases["waiting"]["NowActorId"]) == (1, "dana")
        again = [
            {**changed, "step": "reject", "cost": {"amount": "2.50", "currency": "EUR"}},
            dict(reversed(by_content.items())),
            {"case": "waiting", "id": 3, "time": NOON, "duration_s": 60, "outcome": "completed"},
        ]
        cases = cases_after(running, store, again)
    [total] = cases["changed"]["StepTotals"]
    assert (total["Step"], total["Attempts"], total["Cost"]) == ("reject", 1, Decimal("2.5"))
    assert cases["content"]["Attempts"] == 1
    ended = cases["waiting"]
    assert (ended["OpenSteps"], ended["Attempts"], ended["Outcome"]) == (0, 1, "completed")
