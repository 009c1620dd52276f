"""Declared flows in the store, on both engines: what a change asks of the cases, and reading them again."""

import pytest

from cases.flows.declarations import Change, confirm, declaration_of, declare, parse_declaration
from store.client import open_store

FLOW = {
    "flow": "o2c",
    "lead": "order",
    "paths": ["order > item"],
    "steps": {
        "a": {"price": {"per_attempt": "0.05", "per_second": "0.000000001", "currency": "EUR"}, "touches": []},
        "b": {"kind": "approval", "timeout": "4h", "escalate_to": "manager"},
        "c": {"kind": "end", "ends": "completed"},
    },
    "sla": "5d",
    "calendar": {"time_zone": "Europe/Berlin", "business_hours": {"mon": "09:00-17:00"}, "holidays": ["2026-12-25"]},
}


@pytest.fixture
def store(migrated_url):
    opened = open_store(migrated_url)
    yield opened
    opened.close()


def declared(store, **change):
    """What declaring the flow so says; as long as it is not confirmed it says so again."""
    declaration = parse_declaration({**FLOW, **change}, "x")
    [said] = declare(store, "default", [declaration]).values()
    [again] = declare(store, "default", [declaration]).values()
    assert again == (said if said in (Change.PATHS, Change.FACTS) else Change.NOTHING)
    confirm(store, "default", [declaration])
    assert declare(store, "default", [declaration]) == {"o2c": Change.NOTHING}
    return said


def test_says_what_a_change_asks_of_the_cases(store):
    assert declared(store) is Change.PATHS
    assert declared(store, segments=["channel"], touchless_target=0.5, owner={"name": "x"}) is Change.WORDS
    assert declared(store, steps=dict(reversed(FLOW["steps"].items()))) is Change.WORDS
    assert declared(store, sla="4d") is Change.FACTS
    assert declared(store, steps={"a": {"loop": True}}) is Change.FACTS
    assert declared(store, steps={}, outcomes={"completed": "success", "paid": "success"}) is Change.FACTS
    assert declared(store, hub_limit=7) is Change.PATHS
    assert declared(store, paths=["order > item > package"]) is Change.PATHS


def test_what_is_due_stays_due_over_changes_of_words(store):
    declare(store, "default", [parse_declaration(FLOW, "x")])
    reworded = parse_declaration({**FLOW, "touchless_target": 0.9}, "x")
    assert declare(store, "default", [reworded]) == {"o2c": Change.PATHS}


def test_a_confirmation_of_what_was_replaced_meanwhile_leaves_the_new_one_due(store):
    old, new = parse_declaration(FLOW, "x"), parse_declaration({**FLOW, "sla": "1d"}, "x")
    declare(store, "default", [old])
    declare(store, "default", [new])
    confirm(store, "default", [old])
    assert declaration_of(store, "default", "o2c") == new
    assert declare(store, "default", [new]) == {"o2c": Change.FACTS}


def test_is_read_as_it_was_declared_by_its_tenant_alone(store):
    declaration = parse_declaration(FLOW, "x")
    declare(store, "default", [declaration])
    assert declaration_of(store, "default", "o2c") == declaration
    assert declaration_of(store, "other", "o2c") is None
    [row] = store.rows("SELECT HubLimit, SlaSeconds, Successes, Steps FROM flow_declarations FINAL")
    assert (row["HubLimit"], row["SlaSeconds"], row["Successes"]) == (100, 432_000, ["completed"])
    a, b, c = row["Steps"]
    assert (str(a["PricePerAttempt"]), str(a["PricePerSecond"]), a["PriceCurrency"]) == ("0.050000", "1E-9", "EUR")
    assert (a["TouchesDeclared"], b["TouchesDeclared"], b["TimeoutS"], b["EscalateTo"]) == (
        True,
        False,
        14_400,
        "manager",
    )
    assert (c["Step"], c["Kind"], c["Ends"]) == ("c", "end", "completed")
