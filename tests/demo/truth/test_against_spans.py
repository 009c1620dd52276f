"""Two accounts of the same events, by two routes: the services' own books, and the spans the SDK sent."""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from demo.truth.truth import MILLION

DECLARED = (("item", "package"), ("package", "tracking"))


def stamp(ns: int) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ns // 1000)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def of_span(span, orders):
    a = span.attributes
    cost = (a["flow.cost.amount"], a["flow.cost.currency"]) if "flow.cost.amount" in a else None
    return (
        *(span.system, span.name, a["flow.step.kind"], a.get("flow.attempt", 1), stamp(span.start_ns)),
        *(stamp(span.end_ns), span.failed, a.get("flow.error.class"), a.get("error.type")),
        *(a["flow.actor.type"], a.get("flow.actor.id", ""), a.get("flow.action", ""), a.get("flow.case.outcome")),
        *(a.get("flow.compensates"), a.get("flow.idempotency_key"), cost, tuple(orders)),
    )


def of_truth(step, orders):
    error = step["error"] or {"class": None, "type": None}
    cost = (float(step["cost"]["amount"]), step["cost"]["currency"]) if step["cost"] else None
    return (
        *(step["system"], step["step"], step["kind"], step["attempt"], step["start"]),
        *(step["end"], bool(step["error"]), error["class"], error["type"]),
        *(step["actor"]["type"], step["actor"]["id"], step["action"], step["outcome"]),
        *(step["compensates"], step["idempotency_key"], cost, tuple(orders)),
    )


def orders_by_id(spans):
    """The flow's declared paths, followed from the orders down, over the finished spans."""
    down = defaultdict(set)
    for span in spans:
        refs = span.refs()
        if case := span.attributes.get("flow.case.id"):
            for item in refs.get("item", ()):
                down["item", item].add(case)
    for upper, lower in DECLARED:
        for span in spans:
            refs = span.refs()
            for below in refs.get(lower, ()):
                for above in refs.get(upper, ()):
                    down[lower, below] |= down[upper, above]
    return down


def orders_of(span, down):
    if case := span.attributes.get("flow.case.id"):
        return [case]
    return sorted({order for kind, ids in span.refs().items() for one in ids for order in down[kind, one]})


@pytest.fixture(scope="module")
def truth(rich_history):
    return json.loads(rich_history.truth_text)["orders"]


@pytest.fixture(scope="module")
def finished(rich_history):
    return [span for span in rich_history.spans if span.finished]


def test_every_step_was_sent_once_with_all_that_is_true_of_it(truth, finished):
    down = orders_by_id(finished)
    told = Counter(of_span(span, orders_of(span, down)) for span in finished)
    shared = defaultdict(set)
    for number, account in truth.items():
        for step in account["steps"]:
            shared[of_truth(step, sorted([number, *step["shared_with"]]))].add(number)
    assert told == Counter(dict.fromkeys(shared, 1))
    for step, orders in shared.items():
        assert set(step[-1]) == orders


def test_what_waits_for_a_person_has_been_announced_and_not_ended(truth, rich_history):
    ended = {span.span_id for span in rich_history.spans if span.finished}
    open_approvals = {
        (span.attributes["flow.case.id"], span.name, stamp(span.start_ns), span.attributes["flow.actor.id"])
        for span in rich_history.spans
        if not span.finished and span.parent_id not in ended
    }
    told = {
        (number, step["step"], step["since"], step["holder"]["id"])
        for number, account in truth.items()
        for step in account["open"]
    }
    assert told
    assert open_approvals == told


def test_value_and_dimensions_are_on_the_first_step_of_each_order(truth, finished):
    for span in finished:
        if span.name == "receive-order":
            account = truth[span.attributes["flow.case.id"]]
            value = (span.attributes["flow.value.amount"], span.attributes["flow.value.currency"])
            assert value == (float(account["value"]["amount"]), account["value"]["currency"])
            assert {name: span.attributes[f"flow.dim.{name}"] for name in account["dims"]} == account["dims"]


def test_the_warehouse_and_the_carrier_name_no_order_once_goods_are_packed(finished):
    for span in finished:
        if span.name in {"pack-items", "book-carrier", "register-parcel", "scan-parcel", "deliver-parcel"}:
            assert "flow.case.id" not in span.attributes
        if span.name in {"scan-parcel", "deliver-parcel"}:
            assert set(span.refs()) == {"tracking"}


def test_shares_of_an_event_add_up_to_one(truth):
    parts = Counter()
    for number, account in truth.items():
        for step in account["steps"]:
            orders = tuple(sorted([number, *step["shared_with"]]))
            parts[orders, step["system"], step["step"], step["start"], str(step["refs"])] += step["share_millionths"]
    assert set(parts.values()) == {MILLION}
