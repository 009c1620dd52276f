"""The fold is a pure function of a case's events: late, doubled and out-of-order arrival change nothing."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import count

import pytest
from flowtrail.conventions import TOUCH_ACTIONS
from hypothesis import strategies as st

from cases.flows.declarations import declare, parse_declaration
from cases.fold import fold
from cases.fold.fold import LIVE, Fold, Versions, run
from cases.fold.rebuild import rebuild, verify
from store.client import named_query, open_store
from store.intake import Envelope, insert_envelopes
from tests.cases.orders import START, Wire, World, span_of, trace_of
from tests.cases.reference_facts import Declared
from tests.cases.reference_fold import Event, folded, whole
from tests.drawn import drawn

FLOW = "o2c"
HISTORIES = 24
DECLARED = {
    "flow": FLOW,
    "lead": "order",
    "paths": ["order > item > package > tracking", "order > invoice"],
    "steps": {
        "pack": {"price": {"per_attempt": "0.02", "per_second": "0.000100003", "currency": "EUR"}, "touches": ["view"]},
        "book": {"loop": True},
        "sign": {"kind": "approval", "timeout": "20s", "escalate_to": "manager"},
        "close": {"kind": "end", "ends": "rejected"},
    },
    "outcomes": {"completed": "success", "rejected": "failure"},
    "sla": "40s",
}
REFERENCE = Declared(
    lead="order",
    edges=(("order", "item"), ("item", "package"), ("package", "tracking"), ("order", "invoice")),
    loops=frozenset({"book"}),
    touches={"pack": {"view"}},
    prices={"pack": (20_000, Fraction("100.003"))},
    timeouts={"sign": 20},
    escalations={"sign": "manager"},
    ends={"close": "rejected"},
    sla=40,
)
TABLES = (
    "otel_traces", "steps", "arrivals", "ids", "spellings", "links", "links_by_target", "hubs", "reach",
    "reach_by_case", "cases", "touched",
)  # fmt: skip

spans = count(1)


@pytest.fixture(scope="module")
def world(chdb_directory):
    with chdb_directory.migrated() as url:
        store = open_store(url)
        declare(store, "default", [parse_declaration(DECLARED, "test")])
        yield store
        store.close()


@pytest.fixture
def store(world):
    empty(world)
    return world


def empty(store):
    for table in TABLES:
        store.command(f"TRUNCATE TABLE {table}")


WORDS = {
    "actor": "actor_type", "action": "action", "outcome": "outcome", "kind": "step_kind", "code": "error_type",
    "message": "error", "key": "idempotency_key", "compensates": "compensates", "decision": "approval.decision",
    "decided_by": "approval.decided_by", "escalate_to": "approval.escalate_to", "timeout": "approval.timeout_s",
}  # fmt: skip


def words(event):
    more = {word: getattr(event, field) for field, word in WORDS.items() if getattr(event, field)}
    if event.error in ("business", "infrastructure"):
        more["error_class"] = event.error
    elif event.error:
        more.setdefault("error", "failed")
    else:
        more.pop("error", None)
    if event.cost is not None:
        more |= {"cost": event.cost / 1_000_000, "currency": "EUR"}
    if event.value is not None:
        more |= {"value": event.value / 1_000_000, "value_currency": "EUR"}
    return more | ({"state": "started"} if event.started else {})


def send(store, events):
    wire_of(events).send(World(store, "default"))


def wire_of(events):
    wire = Wire()
    for event in events:
        refs = {}
        for kind, value in event.refs:
            refs.setdefault(kind, []).append(value)
        wire.step(
            event.system,
            event.step,
            event.start / 60,
            event.end - event.start,
            trace=event.trace,
            case=event.case,
            flow=event.flow,
            refs=refs,
            key=event.span,
            parent=event.parent,
            attempt=event.attempt,
            **words(event),
        )
    return wire


FIGURES = """
SELECT CaseId, Start, End, Outcome, Events, Touches,
    UnknownEvents, FailedBusiness, FailedInfrastructure, FailedUnclassified, Retries, SharedEvents, OpenSteps, NowState,
    Systems, Success, DueAt, Repeats, Rejections, Corrections, Compensations, Exceptions, Approvals, Duplicates,
    KeyTotals,
    toInt64(arraySum(t -> t.RetryShare, StepTotals)) AS RetryShare,
    toInt64(arraySum(t -> reinterpretAsInt64(t.Cost), StepTotals)) AS Cost,
    toInt64(arraySum(t -> reinterpretAsInt64(t.RetryCost), StepTotals)) AS RetryCost
FROM cases FINAL WHERE Tenant = {tenant:String} ORDER BY CaseId
"""


def figures(store, tenant="default"):
    """Case → its figures, in the shapes of the reference: seconds since START, tuples for facts."""
    found = {}
    for row in store.rows(FIGURES, tenant=tenant):
        plain = {name: _seconds(value) for name, value in row.items()}
        plain["Exceptions"] = sorted((_grouped(one, 1, 5, 6, 2) for one in plain["Exceptions"]), key=str)
        plain["Approvals"] = sorted((_grouped(one, 3, 3, 4, 2) for one in plain["Approvals"]), key=str)
        plain["Duplicates"] = sorted((tuple(one.values()) for one in plain["Duplicates"]), key=str)
        plain["KeyTotals"] = [tuple(one.values()) for one in plain["KeyTotals"]]
        found[plain.pop("CaseId")] = plain
    return found


def _seconds(value):
    if isinstance(value, dict):
        return {name: _seconds(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_seconds(part) for part in value]
    return int((value - START).total_seconds()) if isinstance(value, datetime) else value


def _grouped(fact, *sizes):
    values = iter([int(v * 1_000_000) if isinstance(v, Decimal) else v for v in fact.values()])
    parts = [tuple(next(values) for _ in range(size)) for size in sizes]
    return tuple(part[0] if len(part) == 1 else part for part in parts)


def named(expected):
    """The reference's cases with span ids in the place of their names."""
    for row in expected.values():
        for facts in (row["Exceptions"], row["Approvals"]):
            facts[:] = sorted(((*fact[:-1], (fact[-1][0], span_of(fact[-1][1]))) for fact in facts), key=str)
    return expected


def differing(found, expected):
    """Case → column → (found, expected), where they are not the same."""
    empty = dict.fromkeys(next(iter(found.values()), {}))
    pairs = {case: (found.get(case, empty), expected.get(case, empty)) for case in {*found, *expected}}
    columns = {
        case: {name: (one[name], two[name]) for name in one if one[name] != two[name]}
        for case, (one, two) in pairs.items()
    }
    return {case: unequal for case, unequal in columns.items() if unequal}


def event(**fields):
    number = next(spans)
    return Event(**{"trace": f"{number:032x}", "span": f"s{number}", "flow": FLOW, "end": 1, **fields})


def test_a_step_belongs_to_the_case_it_names_and_to_no_other(store):
    package = (("package", "P"), ("item", "A1"))
    send(
        store,
        [event(case="A", refs=(("item", "A1"),)), event(case="B", refs=(("item", "B1"),)), event(refs=package)],
    )
    send(store, [event(case="B", refs=(("package", "P"),))])
    assert {case: row["Events"] for case, row in figures(store).items()} == {"A": 2, "B": 2}


def test_ids_lead_one_way_only(store):
    """Two orders in one package are not each other's: the package does not lead back to an item."""
    items = (("item", "A1"), ("item", "B1"), ("package", "P"))
    send(store, [event(case="A", refs=(("item", "A1"),)), event(case="B", refs=(("item", "B1"),)), event(refs=items)])
    send(store, [event(refs=(("item", "A1"),)), event(refs=(("package", "P"), ("tracking", "T")))])
    assert {case: (row["Events"], row["SharedEvents"]) for case, row in figures(store).items()} == {
        "A": (4, 2),
        "B": (3, 2),
    }


def test_a_late_link_brings_what_happened_before_it(store):
    send(store, [event(refs=(("tracking", "T"),)), event(case="A")])
    assert figures(store)["A"]["Events"] == 1
    send(store, [event(refs=(("package", "P"), ("tracking", "T")))])
    send(store, [event(refs=(("item", "A1"), ("package", "P")))])
    assert figures(store)["A"]["Events"] == 1
    send(store, [event(case="A", refs=(("item", "A1"),))])
    assert figures(store)["A"]["Events"] == 5


def test_a_new_sharer_changes_the_weight_of_others(store):
    booked = event(refs=(("package", "P"),), cost=350_001, attempt=2)
    send(store, [event(case="A", refs=(("item", "A1"),)), event(refs=(("item", "A1"), ("package", "P"))), booked])
    assert figures(store)["A"]["RetryCost"] == 350_001
    send(store, [event(case="B", refs=(("item", "B1"),)), event(refs=(("item", "B1"), ("package", "P")))])
    after = figures(store)
    assert (after["A"]["RetryCost"], after["B"]["RetryCost"]) == (175_001, 175_000)


def test_a_step_without_any_id_follows_its_trace(store):
    trace = f"{next(spans):032x}"
    send(store, [event(trace=trace)])
    assert figures(store) == {}
    send(store, [event(trace=trace, case="A")])
    assert figures(store)["A"]["Events"] == 2


def test_a_started_step_is_in_progress_until_its_finished_span_comes(store):
    begun = event(case="A", started=True, parent="approval", end=0)
    send(store, [begun])
    assert (figures(store)["A"]["NowState"], figures(store)["A"]["OpenSteps"]) == ("in_progress", 1)
    send(store, [event(case="A", trace=begun.trace, span="approval", end=60)])
    assert (figures(store)["A"]["NowState"], figures(store)["A"]["OpenSteps"]) == ("waiting", 0)


def test_an_undeclared_flow_reaches_what_its_case_carries(store):
    send(store, [event(flow="claim", case="C", refs=(("policy", "P"),)), event(flow="claim", refs=(("policy", "P"),))])
    assert figures(store)["C"]["Events"] == 2


orders = st.sampled_from("ABC")
refs = st.lists(
    st.sampled_from([("item", "A1"), ("item", "B1"), ("item", "C1"), ("package", "P"), ("package", "Q")])
    | st.sampled_from([("tracking", "T"), ("tracking", "U"), ("invoice", "I")]),
    max_size=3,
    unique=True,
).map(tuple)


@st.composite
def histories(draw):
    """Events of a few orders that share items, packages and traces, some of them doubled, in batches of any order."""
    events = []
    for number in range(draw(st.integers(1, 14))):
        start = draw(st.integers(0, 50))
        started = draw(st.booleans()) and draw(st.booleans())
        step = draw(st.sampled_from(["pack", "book", "sign", "close", "pack", "book"]))
        events.append(
            Event(
                trace=f"{draw(st.integers(1, 4)):032x}",
                span=f"n{number}",
                parent=f"n{draw(st.integers(0, 13))}" if started else "",
                flow=FLOW,
                case=draw(orders | st.just("")),
                refs=draw(refs),
                system=draw(st.sampled_from(["shop", "wms"])),
                step=step,
                kind="approval" if step == "sign" else draw(st.sampled_from(["task", "task", "compensation"])),
                started=started,
                start=start,
                end=start if started else start + draw(st.sampled_from([0, 5, 7, 30])),
                attempt=draw(st.integers(1, 3)),
                actor=draw(st.sampled_from(["human", "service", "unknown", ""])),
                action=draw(st.sampled_from(["approve", "view", "edit", "reject", "retry", ""])),
                outcome=draw(st.sampled_from(["", "", "", "", "completed", "cancelled"])),
                error=draw(st.sampled_from(["", "", "business", "infrastructure", "other"])),
                code=draw(st.sampled_from(["", "timeout"])),
                message=draw(
                    st.sampled_from(["failed", "no answer from 'a 1' in 5 s", 'order "SO 1" isn\'t there: deadbeef'])
                ),
                cost=draw(st.none() | st.integers(0, 1_000_000)),
                key=draw(st.sampled_from(["", "k", "l"])),
                value=draw(st.none() | st.integers(1, 9)),
                decision=draw(st.sampled_from(["", "", "rejected", "yes"])),
                timeout=draw(st.sampled_from([0, 0, 10])),
                escalate_to=draw(st.sampled_from(["", "", "boss"])),
            )
        )
    doubled = events + draw(st.lists(st.sampled_from(events), max_size=3))
    shuffled = draw(st.permutations(doubled))
    cut = draw(st.integers(0, len(shuffled)))
    return events, [batch for batch in (shuffled[:cut], shuffled[cut:]) if batch]


def test_any_order_of_arrival_gives_what_the_reference_gives(store):
    """Each history is a tenant's; they are folded together, as a fold takes its time for statements, not for rows."""
    known = {f"tenant-{number}": history for number, history in enumerate(drawn(histories(), HISTORIES))}
    for tenant in known:
        declare(store, tenant, [parse_declaration(DECLARED, "test")])
    for place in range(2):
        requests = [
            Envelope(tenant, 1, wire_of(batches[place]).request())
            for tenant, (_, batches) in known.items()
            if len(batches) > place
        ]
        insert_envelopes(store, requests, f"histories-{next(spans)}")
        Fold(store).fold_pending()
    for tenant, (events, batches) in known.items():
        expected = folded(events, FLOW, REFERENCE)
        assert differing(figures(store, tenant), named(expected)) == {}, batches
        assert whole(row["RetryShare"] for row in expected.values()).denominator == 1
    assert verify(store).agrees


def test_verify_names_what_differs_and_rebuild_mends_it(store):
    send(store, [event(case=name, refs=(("item", f"{name}1"),)) for name in "ABC"])
    before = figures(store)
    store.command("ALTER TABLE cases DELETE WHERE CaseId = 'A' SETTINGS mutations_sync = 1")
    store.command("ALTER TABLE cases UPDATE Touches = 9 WHERE CaseId = 'B' SETTINGS mutations_sync = 1")
    store.command(
        "INSERT INTO reach (Tenant, IdValue, IdType, Flow, CaseId) VALUES ('default', 'x', 'item', 'o2c', 'C')"
    )
    found = verify(store)
    assert [(one.case_id, one.kind) for one in found.differences] == [("A", "missing"), ("B", "changed")]
    assert found.differences[1].columns == ("Touches",)
    assert (found.cases, found.links, found.reach) == (3, 0, 1)
    assert rebuild(store) == 3
    assert verify(store).agrees
    assert figures(store) == before


def test_nothing_at_all_verifies_and_rebuilds(store):
    assert verify(store).agrees
    assert rebuild(store) == 0


def test_what_a_stop_left_over_is_folded_at_the_next_start(store):
    wire = Wire()
    wire.step("shop", "capture", 0, trace=f"{1:032x}", case="A", flow=FLOW)
    folder, Fold.fold_pending = Fold.fold_pending, lambda _: 0
    try:
        wire.send(World(store, "default"))
    finally:
        Fold.fold_pending = folder
    assert figures(store) == {}
    assert Fold(store).fold_pending() == 1
    assert figures(store)["A"]["Events"] == 1
    assert Fold(store).fold_pending() == 0


@pytest.mark.parametrize("view", ["otel_traces_to_steps", "steps_to_arrivals", "arrivals_to_ids"])
def test_a_stop_in_the_middle_of_an_insert_loses_nothing(store, view):
    """A view that is away stands for a stop before its table was written; the batch comes again under its token."""
    wire = Wire()
    wire.step("shop", "capture", 0, trace=f"{next(spans):032x}", case="A", flow=FLOW, refs={"item": "A1"})
    request = wire.request()
    store.command(f"DETACH TABLE {view} SYNC")
    insert_envelopes(store, [Envelope("default", 1, request)], f"stopped-{view}")
    Fold(store).fold_pending()
    store.command(f"ATTACH TABLE {view}")
    insert_envelopes(store, [Envelope("default", 1, request)], f"stopped-{view}")
    Fold(store).fold_pending()
    assert figures(store)["A"]["Events"] == 1
    for table in ("otel_traces", "steps", "arrivals", "ids"):
        assert store.rows(f"SELECT count() AS n FROM {table}") == [{"n": 1}], table  # noqa: S608
    assert verify(store).agrees


def test_a_step_without_any_id_comes_late_to_its_trace(store):
    trace = f"{next(spans):032x}"
    send(store, [event(trace=trace, case="A")])
    send(store, [event(trace=trace)])
    assert figures(store)["A"]["Events"] == 2


def test_a_number_on_every_order_does_not_fold_them_all(store):
    send(store, [event(flow="claim", case=f"C{n}", refs=(("customer", "C-7"),)) for n in range(5)])
    store.command("TRUNCATE TABLE touched")
    send(store, [event(flow="claim", case="C1", refs=(("customer", "C-7"),))])
    assert store.rows("SELECT CaseId FROM touched") == [{"CaseId": "C1"}]


def test_versions_grow_when_the_clock_steps_back():
    ticks = iter([5, 3, 3, 9])
    versions = Versions(lambda: next(ticks))
    assert [versions.next() for _ in range(4)] == [5, 6, 7, 9]


def test_a_case_that_fails_and_recovers_all_the_time_is_folded(store):
    """Work in proportion to the events: one sender's loop must not stop the fold of everybody else."""
    store.command(
        "INSERT INTO fold_events (Fold, Tenant, Flow, CaseId, Span, Done, Timestamp, End, Moment, Step, Failed,"
        " FailedBusiness, Value, ValueCurrency, Chain, Attempt, First, Key)"
        " SELECT 'many', 'default', 'o2c', 'M', toString(number), 1, toDateTime64(1e9 + number, 9, 'UTC') AS at, at,"
        " bitShiftLeft(toUInt256(toUnixTimestamp64Nano(at)), 192), 'poll', number % 2, number % 2, number, 'EUR',"
        " 7, 1, 1, toString(intDiv(number, 4)) FROM numbers(50000)"
    )
    with run(store, "many"):
        store.command(
            named_query("fold/9_cases"), run="many", version=1, touch_actions=list(TOUCH_ACTIONS), **LIVE.params()
        )
    case = figures(store)["M"]
    assert (len(case["Exceptions"]), len(case["Duplicates"]), case["Repeats"]) == (25_000, 12_500, 49_999)
    assert {state for _, _, (_, _, state, *_), _ in case["Exceptions"]} == {"recovered", "open"}


def test_a_tenant_with_few_events_does_not_wait_for_one_with_many(store, monkeypatch):
    """Runs are short where several tenants send, and each of them has a batch in the first."""
    monkeypatch.setattr(fold, "EVENTS_A_RUN", 2)
    for number in range(4):
        wire = Wire().step("shop", "capture", number, trace=trace_of(f"A-{number}"), case=f"A-{number}")
        insert_envelopes(store, [Envelope("a", number, wire.request())], f"batch a{number}")
    other = Wire().step("shop", "capture", 9, trace=trace_of("B-1"), case="B-1")
    insert_envelopes(store, [Envelope("b", 9, other.request())], "batch b")
    folding = Fold(store)
    assert folding.pending() == ["batch a0", "batch b", "batch a1", "batch a2", "batch a3"]
    assert folding.fold_pending() == 2
    assert case_ids(store) == ["A-0", "B-1"]
    folding.catch_up()
    assert case_ids(store) == ["A-0", "A-1", "A-2", "A-3", "B-1"]


def test_a_single_tenant_is_folded_in_runs_of_many_events(store, monkeypatch):
    monkeypatch.setattr(fold, "EVENTS_A_RUN", 1)
    for number in range(3):
        wire = Wire().step("shop", "capture", number, trace=trace_of(f"A-{number}"), case=f"A-{number}")
        insert_envelopes(store, [Envelope("a", number, wire.request())], f"batch {number}")
    assert Fold(store).fold_pending() == 3


def case_ids(store):
    return [row["CaseId"] for row in store.rows("SELECT CaseId FROM cases FINAL ORDER BY CaseId")]
