import pytest

from cases.errors import NotFound
from cases.flows.flows import flows
from cases.search.search import search
from cases.trail.trail import trail
from store.client import open_store
from tests.cases import orders


def trail_of(world, case_id, flow=orders.FLOW):
    return trail(world.store, world.tenant, (flow, case_id), orders.AS_OF)


def names(events, *, plain=False):
    return [event.name for event in events if event.plain is plain]


def test_a_span_sent_twice_is_listed_once(world):
    for _ in range(2):
        trace = orders.trace_of("SO-1")
        orders.Wire().step("shop", "capture", 0, trace=trace, case="SO-1").span("db", "x", 0, trace=trace).send(world)
    assert [event.name for event in trail_of(world, "SO-1").events] == ["capture", "x"]


def test_a_started_record_gives_way_when_its_finished_span_arrives_late(world):
    trace = orders.trace_of("SO-1")
    wire = orders.Wire()
    wire.step("erp", "approve", 5, 0, trace=trace, case="SO-1", key="early", parent="late", state="started").send(world)
    (running,) = trail_of(world, "SO-1").events
    assert (running.state, running.end, running.duration_s) == ("started", None, None)
    wire.step("erp", "approve", 5, 90, trace=trace, case="SO-1", key="late").send(world)
    (finished,) = trail_of(world, "SO-1").events
    assert (finished.state, finished.duration_s, finished.span_id) == ("finished", 90, orders.span_of("late"))


def test_plain_spans_below_an_open_step_come_along(world):
    trace = orders.trace_of("SO-1")
    wire = orders.Wire()
    wire.step("erp", "approve", 5, 0, trace=trace, case="SO-1", key="begun", parent="real", state="started")
    wire.span("erp", "load order", 5, trace=trace, parent="real")
    wire.step("erp", "approve", 5, 0, trace=trace, case="SO-2", key="begun 2", parent="real 2", state="started")
    wire.span("erp", "load other order", 5, trace=trace, parent="real 2")
    wire.send(world)
    assert names(trail_of(world, "SO-1").events, plain=True) == ["load order"]
    assert names(trail_of(world, "SO-2").events, plain=True) == ["load other order"]


def test_a_step_without_ids_belongs_to_the_cases_of_its_trace(world):
    trace = orders.trace_of("SO-1")
    orders.Wire().step("shop", "capture", 0, trace=trace, case="SO-1").step("mail", "confirm", 1, trace=trace).send(
        world
    )
    found = trail_of(world, "SO-1")
    assert names(found.events) == ["capture", "confirm"]
    assert [(one.type, one.value) for one in found.case.ids] == [("order", "SO-1")]


def test_shares_of_a_cost_add_up_to_it_exactly(world):
    wire = orders.Wire()
    for number in (1, 2, 3):
        case = f"SO-{number}"
        wire.step("shop", "capture", 0, trace=orders.trace_of(case), case=case, refs={"item": f"I-{number}"})
    items = {"item": ["I-1", "I-2", "I-3"]}
    wire.step("wms", "pack", 1, trace=orders.trace_of("pack"), refs=items, cost=1.0, currency="EUR").send(world)
    shares = [trail_of(world, f"SO-{number}").events[-1].cost_share.amount for number in (1, 2, 3)]
    assert shares == ["0.333334", "0.333333", "0.333333"]
    assert [trail_of(world, f"SO-{number}").case.cost[0].amount for number in (1, 2, 3)] == shares


def test_an_event_of_hundreds_of_orders_names_twenty_and_the_case_a_hundred(world):
    wire = orders.Wire()
    for number in range(150):
        case = f"SO-{number:03}"
        wire.step("shop", "capture", 0, trace=orders.trace_of(case), case=case, refs={"item": f"I-{number}"})
    items = {"item": [f"I-{number}" for number in range(150)]}
    wire.step("wms", "load lorry", 1, trace=orders.trace_of("lorry"), refs=items).send(world)
    found = trail_of(world, "SO-007")
    assert found.events[-1].shared.count == 150
    assert len(found.events[-1].shared.case_ids) == 20
    assert len(found.case.shared_with) == 100
    assert found.case.shared_with_truncated


def test_a_trace_of_thousands_of_spans_is_cut_and_says_so(world):
    trace = orders.trace_of("SO-1")
    wire = orders.Wire().step("shop", "capture", 0, trace=trace, case="SO-1")
    for number in range(2100):
        wire.span("db", f"SELECT {number}", 0, trace=trace)
    wire.send(world)
    found = trail_of(world, "SO-1")
    assert found.plain_truncated
    assert 1900 < len(found.events) <= 2001
    assert names(found.events) == ["capture"]


def test_a_currency_is_never_added_to_another(world):
    wire = orders.Wire()
    for minute, currency in enumerate(("EUR", "USD", "EUR")):
        wire.step(
            "erp", f"fee {minute}", minute, trace=orders.trace_of("SO-1"), case="SO-1", cost=0.5, currency=currency
        )
    wire.send(world)
    assert [(cost.amount, cost.currency) for cost in trail_of(world, "SO-1").case.cost] == [
        ("1.00", "EUR"),
        ("0.50", "USD"),
    ]


def test_the_same_case_id_in_two_flows_is_two_cases(world):
    for flow, step in ((orders.FLOW, "capture"), ("returns", "receive")):
        orders.Wire().step("shop", step, 0, trace=orders.trace_of(flow), case="X", flow=flow).send(world)
    assert names(trail_of(world, "X").events) == ["capture"]
    assert names(trail_of(world, "X", "returns").events) == ["receive"]
    assert len(search(world.store, world.tenant, "X").hits) == 2


def test_another_tenant_does_not_see_the_case(orders_store):
    with pytest.raises(NotFound, match="There is no flow"):
        trail(orders_store, "somebody else", (orders.FLOW, "SO-1001"), orders.AS_OF)


def test_over_http_the_store_gives_the_same_answers(migrated_clickhouse_url, orders_store):
    store = open_store(migrated_clickhouse_url)
    orders.fill(store)
    assert flows(store, orders.TENANT) == flows(orders_store, orders.TENANT)
    here, there = orders.World(store, orders.TENANT), orders.World(orders_store, orders.TENANT)
    for case_id in ("SO-1001", "SO-1002", "SO-1003", orders.ODD_ID):
        assert trail_of(here, case_id) == trail_of(there, case_id)
    for text in ("SO-10", "1Z999", orders.ODD_ID, orders.BATCH_TRACE.upper(), "a\n'\\%"):
        assert search(store, orders.TENANT, text) == search(orders_store, orders.TENANT, text)
    store.close()
