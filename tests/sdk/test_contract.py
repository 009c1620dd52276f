"""What the SDK sends is exactly what the conventions name."""

from __future__ import annotations

from flowtrail import conventions as c

# The id of an event is the collector's word, for what comes as JSON.
_NOT_THE_SDKS = {c.STATE_STARTED, c.EVENT_ID}
NAMES = {value for name, value in vars(c).items() if name.isupper() and isinstance(value, str)} - _NOT_THE_SDKS
PREFIXES = tuple(value for name, value in vars(c).items() if name.endswith("_PREFIX"))


def test_a_step_that_says_everything_carries_exactly_these_attributes(captured, flow):
    case = flow.case("SO-1", value=(10, "EUR"), dims={"channel": "web"}, refs={"item": "A"}, correlation_id="c-1")
    with case.step(
        "approve",
        kind="approval",
        action="approve",
        actor=("human", "dana"),
        refs={"package": ["P", "Q"]},
        attempt=2,
        idempotency_key="k",
        cost=(0.5, "EUR"),
        outcome="completed",
        compensates="reject",
        approval={
            "timeout_s": 60,
            "escalate_to": "cfo",
            "on_timeout": "reject",
            "decision": "ok",
            "decided_by": "dana",
        },
        reads=["orders@1#id,total"],
        writes=["approvals@2#id"],
    ) as step:
        step.connect("item", "A", "package", ["P", "Q"])
        step.business_error("limit", "over the limit")
    (span,) = captured.spans()
    assert dict(span.attributes) == {
        "flow.name": "order-to-cash",
        "flow.version": "1",
        "flow.case.id": "SO-1",
        "flow.correlation_id": "c-1",
        "flow.ref.item": "A",
        "flow.ref.package": ("P", "Q"),
        "flow.link.item.package": ("A", "P", "A", "Q"),
        "flow.step": "approve",
        "flow.step.kind": "approval",
        "flow.attempt": 2,
        "flow.idempotency_key": "k",
        "flow.actor.type": "human",
        "flow.actor.id": "dana",
        "flow.action": "approve",
        "flow.case.outcome": "completed",
        "flow.error.class": "business",
        "error.type": "limit",
        "flow.compensates": "reject",
        "flow.cost.amount": 0.5,
        "flow.cost.currency": "EUR",
        "flow.value.amount": 10.0,
        "flow.value.currency": "EUR",
        "flow.dim.channel": "web",
        "flow.approval.timeout_s": 60.0,
        "flow.approval.escalate_to": "cfo",
        "flow.approval.on_timeout": "reject",
        "flow.approval.decision": "ok",
        "flow.approval.decided_by": "dana",
        "flow.data.reads": ("orders@1#id,total",),
        "flow.data.writes": ("approvals@2#id",),
    }


def test_a_step_that_says_nothing_carries_only_what_it_must(captured, flow):
    with flow.case("SO-1").step("a"):
        pass
    (span,) = captured.spans()
    assert dict(span.attributes) == {
        "flow.name": "order-to-cash",
        "flow.version": "1",
        "flow.case.id": "SO-1",
        "flow.actor.type": "service",
        "flow.actor.id": "wms",
        "flow.step": "a",
        "flow.step.kind": "task",
    }


def test_every_word_of_the_conventions_can_be_said(captured, flow):
    """A word added to the conventions must get a way to say it here."""
    test_a_step_that_says_everything_carries_exactly_these_attributes(captured, flow)
    said = set(captured.all()[0].attributes) | set(captured.all()[-1].attributes) | {c.SERVICE_NAME}
    assert said >= {name for name in NAMES if not name.endswith(".")}
    assert all(any(name.startswith(prefix) for name in said) for prefix in PREFIXES)
