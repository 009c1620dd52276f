"""What stands out in a case, as its summary and its trail tell it."""

from datetime import timedelta

import pytest

from cases.flows.declarations import declare, parse_declaration
from cases.trail.summary import summary
from cases.trail.trail import trail
from tests.cases import orders

FLOW = "with-sla"
DECLARED = {
    "flow": FLOW,
    "lead": "order",
    "paths": ["order > item"],
    "steps": {"sign": {"kind": "approval", "timeout": "10m", "escalate_to": "manager"}},
    "outcomes": {"paid": "success", "refused": "failure"},
    "sla": "2h",
}


@pytest.fixture
def troubled(world):
    """One order that went wrong in every way; each step stands at its minute."""
    declare(world.store, world.tenant, [parse_declaration(DECLARED, "test")])
    wire = orders.Wire()

    def step(name, minute, seconds=60, **more):
        wire.step(
            "erp", name, minute, seconds, trace=orders.trace_of("T"), case="T", flow=FLOW, key=f"{minute}", **more
        )

    step("capture", 0, value=100.5, value_currency="EUR", refs={"item": ["I-1", "I-2"]})
    step("pay", 5, error_class="infrastructure", error_type="timeout", error="no answer in 5 s")
    step("pay", 6, attempt=2, error_class="infrastructure", error_type="timeout", error="no answer in 7 s")
    step("pay", 20, attempt=3, actor_type="human", idempotency_key="pay T")
    step("pay", 30, idempotency_key="pay T")
    step("label", 40, error_class="business", error_type="no-such-street", refs={"item": "I-1"})
    step("sign", 50, step_kind="approval", action="reject", actor_type="human", **{"approval.timeout_s": 30.0})
    wire.step(
        "erp", "sign", 60, 0, trace=orders.trace_of("T"), case="T", flow=FLOW, key="begun", parent="to come",
        state="started", step_kind="approval",
    )  # fmt: skip
    wire.send(world)
    return world


def facts(world, minutes):
    as_of = orders.START + timedelta(minutes=minutes)
    return summary(world.store, world.tenant, (FLOW, "T"), as_of).facts


def minute(number):
    return orders.START + timedelta(minutes=number)


def event(name):
    return f"{orders.trace_of('T')}-{orders.span_of(name)}"


def test_exceptions_are_opened_by_what_failed_for_good_and_closed_by_success(troubled):
    paid, label = facts(troubled, 70).exceptions
    assert (paid.error_class, paid.code, paid.step, paid.system, paid.object) == (
        "infrastructure", "timeout", "pay", "erp", "",
    )  # fmt: skip
    assert (paid.opened_at, paid.closed_at, paid.state, paid.attempts) == (minute(7), minute(21), "recovered", 1)
    assert (paid.value.amount, paid.value.currency, paid.events) == ("100.50", "EUR", (event("6"),))
    assert (label.object, label.state, label.closed_at, label.error_class) == ("item:I-1", "open", None, "business")
    assert paid.fingerprint != label.fingerprint


def test_approvals_are_told_as_of_an_instant(troubled):
    said_no, open_one = facts(troubled, 65).approvals
    assert (said_no.due_at, said_no.decided_at, said_no.state) == (
        minute(50) + timedelta(seconds=30), minute(51), "decided_late",
    )  # fmt: skip
    assert (open_one.requested_at, open_one.due_at, open_one.escalate_to) == (minute(60), minute(70), "manager")
    assert [facts(troubled, at).approvals[1].state for at in (65, 70, 71)] == ["pending", "pending", "overdue"]
    assert facts(troubled, 50.9).approvals[0].state == "overdue"


def test_a_breach_of_the_time_limit_counts_the_moment_it_happens(troubled):
    assert [facts(troubled, at).time_limit for at in (119, 120, 121)] == ["due", "due", "breached"]
    wire = orders.Wire()
    wire.step("erp", "settle", 118, trace=orders.trace_of("T"), case="T", flow=FLOW, outcome="paid").send(troubled)
    done = facts(troubled, 500)
    assert (done.success, done.due_at, done.time_limit) == (True, minute(120), "met")
    assert [(one.state, one.closed_at) for one in done.exceptions][1] == ("ended", minute(119))


def test_the_trail_finds_the_events_of_each_fact(troubled):
    found = trail(troubled.store, troubled.tenant, (FLOW, "T"), minute(70))
    listed = {one.id for one in found.events}
    facts = found.case.facts
    assert facts.approvals[1].event == event("begun")
    assert {facts.exceptions[0].events[0], facts.approvals[0].event} <= listed
    [duplicate] = facts.duplicates
    assert (duplicate.key, duplicate.step, duplicate.effects) == ("pay T", "pay", 2)
    assert (duplicate.first, duplicate.last, duplicate.events) == (minute(21), minute(31), (event("20"), event("30")))
    assert (facts.repeats, facts.rejections, facts.corrections, facts.compensations) == (1, 1, 0, 0)
