"""Cases recomputed in pandas agree with the fold; what is wrong in the store is found and named."""

import json

import pytest

from cases.flows.declarations import declare, parse_declaration
from cases.fold.fold import Folder
from cases.recompute import recompute
from store.client import open_store
from tests.cases import orders

pytestmark = pytest.mark.slow

FLOW = "claims"
DECLARED = {
    "flow": FLOW,
    "version": "3",
    "lead": "claim",
    "paths": ["claim > item > parcel", "claim > letter"],
    "hub_limit": 3,
    "steps": {
        "file": {"kind": "start", "price": {"per_attempt": "0.5", "per_second": "0.000333", "currency": "EUR"}},
        "decide": {"kind": "approval", "timeout": "1m", "escalate_to": "lead"},
        "call": {"loop": True, "touches": ["phone"]},
        "pay": {"kind": "end", "ends": "paid"},
    },
    "outcomes": {"paid": "success", "refused": "failure"},
    "sla": "1h",
}
TIMEOUT = {"error_class": "infrastructure", "error_type": "timeout", "error": 'no "answer" in 5 s from 10.0.0.7'}


@pytest.fixture
def store(migrated_url):
    """Orders, and claims with everything that a case can tell."""
    opened = open_store(migrated_url)
    orders.fill(opened)
    declare(opened, orders.TENANT, [parse_declaration(DECLARED, "test")])
    wire = orders.Wire()
    for number in range(6):
        claim(wire, f"CL-{number}", number)
    wire.send(orders.World(opened, orders.TENANT))
    yield opened
    opened.close()


def claim(wire, name, number):
    """One of six: failures retried by a machine, by a person or not at all; shared parcels; a letter that is a hub."""
    trace, at = orders.trace_of(name), 1000 + 100 * number
    person = {"actor_type": "human", "actor": "kim"}

    def step(what, minute, seconds=30, **more):
        more = {"actor_type": "service", "trace": trace, "case": name, "flow": FLOW, "system": "desk"} | more
        system = more.pop("system")
        wire.step(system, what, at + minute, seconds, key=f"{name} {what} {minute}", **more)

    step(
        "file", 0, value=100.5 + number, value_currency="EUR", refs={"item": [f"{name}-a", f"{name}-b"], "letter": "L"}
    )
    step("weigh", 1, attempt=1, **TIMEOUT)
    step("weigh", 2, attempt=2, **({} if number % 2 else TIMEOUT))
    step("weigh", 5, attempt=3, action="retry", **person, **(TIMEOUT if number == 2 else {}))
    step("call", 6, action="phone", **person)
    step("call", 7, action="phone", **person)
    step("check", 8, action="edit", refs={"item": f"{name}-a"}, **person)
    step("check", 9, refs={"item": f"{name}-a"}, idempotency_key=f"{name}/k")
    step("check", 10, refs={"item": f"{name}-a"}, idempotency_key=f"{name}/k")
    step("undo", 11, step_kind="compensation", compensates="check")
    if number != 4:
        verdict = {"approval.decision": "rejected" if number == 3 else "approved", "approval.decided_by": "kim"}
        step("decide", 12, 50 + 20 * number, step_kind="approval", action="approve", **person, **verdict)
        step("decide", 15, 0, step_kind="approval", state="started", parent=f"{name} none", **person)
    # The parcel's system knows no claim; two claims share a parcel, and one item leads to it by an explicit link.
    parcel = f"PA-{number // 2}"
    step("pack", 20, case="", trace=orders.trace_of(parcel), refs={"item": f"{name}-a", "parcel": parcel}, cost=0.1)
    step("post", 21, case="", trace=orders.trace_of(parcel), refs={"parcel": parcel}, cost=1.0, currency="EUR")
    step("pin", 22, **{"link.item.parcel": [f"{name}-b", f"{parcel}-x"]})
    step("post", 23, case="", trace=orders.trace_of(f"{parcel}-x"), refs={"parcel": f"{parcel}-x"})
    step("scan", 24, case="", trace=orders.trace_of(f"{parcel}-x"))
    step("write", 25, case="", trace=orders.trace_of("L"), refs={"letter": "L"})
    # A system that knows the claim's id as an id like others, and a link from it that is said outright.
    for kind in ("LT", "LX"):
        refs = {"letter": f"{kind}-{number}"} | ({"claim": name} if kind == "LT" else {})
        step("send", 26, case="", trace=orders.trace_of(f"{kind}{name}"), refs=refs)
    step("pin", 27, **{"link.claim.letter": [name, f"LX-{number}"]})
    if number < 4:
        step("pay", 30, step_kind="end", **(TIMEOUT if number == 1 else {}))
    if number == 5:
        step("close", 31, outcome="refused", channel="web", system="office")


def test_all_cases_are_what_their_events_say(store):
    found = recompute(store)
    assert [str(one) for one in found.differences] == []
    assert (found.cases, found.restless) == (store.rows("SELECT uniqExact(Flow, CaseId) AS n FROM cases")[0]["n"], ())
    told = store.rows("SELECT * FROM cases FINAL WHERE Flow = 'claims' ORDER BY CaseId")
    for column in ("Exceptions", "Approvals", "Duplicates", "SharedEvents", "Repeats", "Compensations", "Corrections"):
        assert any(row[column] for row in told), f"no claim says anything of {column}"
    assert {exception["State"] for row in told for exception in row["Exceptions"]} == {"open", "recovered", "ended"}


TAMPERED = (
    "INSERT INTO cases SELECT * REPLACE (Version + 1 AS Version, {}) "
    "FROM (SELECT * FROM cases FINAL WHERE CaseId = '{}')"
)
WOUNDS = {
    TAMPERED.format("Touches + 1 AS Touches", "CL-2"): "CL-2: Touches is 6 in the store, 5 by recomputation.",
    TAMPERED.format("[] AS Exceptions", "CL-0"): "CL-0: Exceptions is [] in the store, [('",
    TAMPERED.format("addNanoseconds(Start, 1) AS Start", "SO-1001"): (
        "SO-1001: Start is 2026-11-16T08:00:00.000000001Z in the store, 2026-11-16T08:00:00Z by recomputation."
    ),
    TAMPERED.format("'CL-x' AS CaseId", "CL-4"): "CL-x: row is there in the store, not there by recomputation.",
    "DELETE FROM cases WHERE CaseId = 'CL-1'": "CL-1: row is not there in the store, there by recomputation.",
    "INSERT INTO reach VALUES ('default', 'PA-2', 'parcel', 'claims', 'CL-3')": (
        "CL-3: reach of parcel PA-2 is reached in the store, not reached by recomputation."
    ),
    "INSERT INTO links VALUES ('default', 'CL-5-a', 'item', 'claims', 'parcel', 'PA-9')": (
        "item CL-5-a: link to parcel PA-9 is there in the store, not there by recomputation."
    ),
}


@pytest.mark.parametrize("migrated_url", ["chdb"], indirect=True)
def test_what_is_wrong_in_the_store_is_found_and_named(store):
    no_difference_where_a_fold_is_behind(store)
    sample = recompute(store, sample=4, flow=FLOW)
    assert (sample.cases, sample.differences) == (4, ())
    for statement in WOUNDS:
        store.command(statement)
    found = sorted(str(one) for one in recompute(store).differences)
    assert len(found) == len(WOUNDS), "\n".join(found)
    for words in WOUNDS.values():
        assert any(words in one for one in found), (words, found)


def no_difference_where_a_fold_is_behind(store):
    """An event of a case has arrived and is not folded yet: the case is looked at again, and then it is right."""
    waiting = {"Batch": "late", "Tenant": "default", "Flow": FLOW, "CaseId": "CL-0", "ArrivedAt": "2026-11-23"}
    store.raw_insert("arrivals", json.dumps(waiting).encode(), "JSONEachRow", {})
    store.command(TAMPERED.format("0 AS Events", "CL-0"))
    folds = []

    def fold_now(_seconds):
        folds.append(Folder(store).fold_pending())

    assert recompute(store, sample=6, flow=FLOW, pause=fold_now).differences == ()
    assert folds == [1]
