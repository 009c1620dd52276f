"""The fold is a pure function of a case's events: late, doubled and out-of-order arrival change nothing."""

from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cases.declaration import declare, parse_declaration
from cases.fold import Folder, Versions
from cases.rebuild import rebuild, verify
from store.client import open_store
from store.intake import Envelope, insert_envelopes
from store.migrate import migrate
from tests.cases.orders import Wire, World
from tests.cases.reference_fold import Event, folded, whole

# An example takes a second: shrinking one that fails would take minutes.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
FLOW = "o2c"
EDGES = [("order", "item"), ("item", "package"), ("package", "tracking"), ("order", "invoice")]
DECLARED = {"name": FLOW, "lead": "order", "paths": ["order > item > package > tracking", "order > invoice"]}
TABLES = ("otel_traces", "steps", "arrivals", "ids", "links", "reach", "reach_by_case", "cases", "touched")

spans = count(1)


@pytest.fixture(scope="module")
def world(chdb_directory):
    with chdb_directory.database() as url:
        store = open_store(url)
        migrate(store)
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


def send(store, events):
    wire = Wire()
    for event in events:
        more = {"actor_type": event.actor, "action": event.action, "outcome": event.outcome, "error_class": event.error}
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
            cost=event.cost / 1_000_000,
            currency="EUR",
            **({"state": "started"} if event.started else {}),
            **{word: value for word, value in more.items() if value},
        )
    wire.send(World(store, "default"))


FIGURES = """
SELECT CaseId, dateDiff('second', toDateTime64('2026-11-16 08:00:00', 9, 'UTC'), Start) AS Start,
    dateDiff('second', toDateTime64('2026-11-16 08:00:00', 9, 'UTC'), End) AS End, Outcome, Events, Touches,
    UnknownEvents, FailedBusiness, FailedInfrastructure, Retries, SharedEvents, OpenSteps, NowState, Systems,
    toInt64(arraySum(t -> t.RetryShare, StepTotals)) AS RetryShare,
    toInt64(arraySum(t -> reinterpretAsInt64(t.Cost), StepTotals)) AS Cost,
    toInt64(arraySum(t -> reinterpretAsInt64(t.RetryCost), StepTotals)) AS RetryCost
FROM cases FINAL ORDER BY CaseId
"""


def figures(store):
    return {row.pop("CaseId"): row for row in store.rows(FIGURES)}


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
        events.append(
            Event(
                trace=f"{draw(st.integers(1, 4)):032x}",
                span=f"n{number}",
                parent=f"n{draw(st.integers(0, 13))}" if started else "",
                flow=FLOW,
                case=draw(orders | st.just("")),
                refs=draw(refs),
                system=draw(st.sampled_from(["shop", "wms"])),
                step=draw(st.sampled_from(["pack", "book"])),
                started=started,
                start=start,
                end=start if started else start + draw(st.integers(0, 50)),
                attempt=draw(st.integers(1, 3)),
                actor=draw(st.sampled_from(["human", "service", "unknown", ""])),
                action=draw(st.sampled_from(["approve", "view", ""])),
                outcome=draw(st.sampled_from(["", "", "", "completed"])),
                error=draw(st.sampled_from(["", "", "business", "infrastructure"])),
                cost=draw(st.integers(0, 1_000_000)),
            )
        )
    doubled = events + draw(st.lists(st.sampled_from(events), max_size=3))
    shuffled = draw(st.permutations(doubled))
    cut = draw(st.integers(0, len(shuffled)))
    return events, [batch for batch in (shuffled[:cut], shuffled[cut:]) if batch]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
@given(histories())
def test_any_order_of_arrival_gives_what_the_reference_gives(world, history):
    events, batches = history
    empty(world)
    for batch in batches:
        send(world, batch)
    expected = folded(events, FLOW, "order", EDGES)
    assert figures(world) == expected
    assert whole(row["RetryShare"] for row in expected.values()).denominator == 1
    assert verify(world).agrees


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
    folder, Folder.fold_pending = Folder.fold_pending, lambda _: 0
    try:
        wire.send(World(store, "default"))
    finally:
        Folder.fold_pending = folder
    assert figures(store) == {}
    assert Folder(store).fold_pending() == 1
    assert figures(store)["A"]["Events"] == 1
    assert Folder(store).fold_pending() == 0


@pytest.mark.parametrize("view", ["otel_traces_to_steps", "steps_to_arrivals", "arrivals_to_ids"])
def test_a_stop_in_the_middle_of_an_insert_loses_nothing(store, view):
    """A view that is away stands for a stop before its table was written; the batch comes again under its token."""
    wire = Wire()
    wire.step("shop", "capture", 0, trace=f"{next(spans):032x}", case="A", flow=FLOW, refs={"item": "A1"})
    request = wire.request()
    store.command(f"DETACH TABLE {view} SYNC")
    insert_envelopes(store, [Envelope("default", 1, request)], f"stopped-{view}")
    Folder(store).fold_pending()
    store.command(f"ATTACH TABLE {view}")
    insert_envelopes(store, [Envelope("default", 1, request)], f"stopped-{view}")
    Folder(store).fold_pending()
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
