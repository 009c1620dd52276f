from __future__ import annotations

import asyncio
from decimal import Decimal
from enum import Enum

import flowtrail
import pytest
from flowtrail import testing
from opentelemetry.trace import StatusCode


def only(captured: testing.Captured):
    (span,) = captured.spans()
    return span, dict(span.attributes)


def test_a_step_is_one_span_named_after_it(captured, flow):
    with flow.case("SO-1") as case, case.step("reserve-stock"):
        captured.clock.advance(2.5)
    span, attributes = only(captured)
    assert span.name == "reserve-stock"
    assert (span.start_time, span.end_time) == (testing.START_NS, testing.START_NS + 2_500_000_000)
    assert span.status.status_code is StatusCode.UNSET
    assert span.resource.attributes["service.name"] == "wms"
    assert span.instrumentation_scope.name == "flowtrail"
    assert attributes["flow.step"] == "reserve-stock"


def test_the_actor_is_the_system_itself_unless_said_otherwise(captured, flow):
    with flow.case("SO-1").step("a"):
        pass
    _, attributes = only(captured)
    assert (attributes["flow.actor.type"], attributes["flow.actor.id"]) == ("service", "wms")


def test_an_actor_without_id_does_not_inherit_the_id_of_another(captured, flow):
    with flow.case("SO-1").step("a", actor="unknown"):
        pass
    _, attributes = only(captured)
    assert attributes["flow.actor.type"] == "unknown"
    assert "flow.actor.id" not in attributes


def test_a_link_between_two_ids_is_said_once(captured, flow):
    with flow.case("SO-1").step("a") as step:
        step.connect("item", 1, "package", ["P-1", "P-2"])
        step.connect("item", "1", "package", "P-1")
        step.connect("package", "P-1", "tracking", "T-1")
    _, attributes = only(captured)
    links = {name: value for name, value in attributes.items() if name.startswith("flow.link.")}
    assert links == {"flow.link.item.package": ("1", "P-1", "1", "P-2"), "flow.link.package.tracking": ("P-1", "T-1")}
    assert "flow.ref.package" not in attributes


@pytest.mark.parametrize(
    "bad", [("Item", "1", "package", "P"), ("item", "", "package", "P"), ("item", "1", "a.b", "P")]
)
def test_a_link_needs_two_types_and_two_ids(flow, bad):
    with flow.case("SO-1").step("a") as step, pytest.raises(flowtrail.FlowtrailError):
        step.connect(*bad)


def test_everything_can_be_said_while_the_step_runs(captured, flow):
    with flow.case("SO-1").step("a") as step:
        step.cost(Decimal("0.02"), "eur")
        step.value(249.9, "EUR")
        step.link(package="P-1")
        step.link({"package": ["P-1", "P-2"]}, invoice=77)
        step.actor("human", "dana")
        step.action("approve")
        step.outcome("completed")
        step.dim(channel="web")
        step.approval(decision="approved", decided_by="dana")
        step.attribute("weight_kg", 1.5)
    _, attributes = only(captured)
    assert (
        attributes.items()
        >= {
            "flow.cost.amount": 0.02,
            "flow.cost.currency": "EUR",
            "flow.value.amount": 249.9,
            "flow.value.currency": "EUR",
            "flow.ref.package": ("P-1", "P-2"),
            "flow.ref.invoice": "77",
            "flow.actor.type": "human",
            "flow.actor.id": "dana",
            "flow.action": "approve",
            "flow.case.outcome": "completed",
            "flow.dim.channel": "web",
            "flow.approval.decision": "approved",
            "flow.approval.decided_by": "dana",
            "weight_kg": 1.5,
        }.items()
    )


def test_value_and_dims_said_in_a_step_hold_for_the_rest_of_the_case(captured, flow):
    with flow.case("SO-1", value=(100, "EUR"), dims={"route": "ground"}) as case:
        with case.step("a") as step:
            step.value(80, "EUR")
            step.dim(route="air")
        with case.step("b", cost=(1, "EUR")):
            pass
    later = dict(captured.spans()[1].attributes)
    assert (later["flow.value.amount"], later["flow.dim.route"]) == (80.0, "air")


def test_ids_given_to_a_step_stand_for_their_type_and_stay_with_it(captured, flow):
    with flow.case("SO-1", refs={"item": ["A", "B"], "package": "P"}) as case:
        with case.step("pick", refs={"item": "A"}):
            pass
        with case.step("ship"):
            pass
    pick, ship = (dict(s.attributes) for s in captured.spans())
    assert (pick["flow.ref.item"], pick["flow.ref.package"]) == ("A", "P")
    assert ship["flow.ref.item"] == ("A", "B")


@pytest.mark.parametrize(
    ("refs_only", "kept"), [(True, {"flow.ref.item"}), (["package"], {"flow.ref.item", "flow.ref.package"})]
)
def test_a_step_can_leave_out_the_ids_of_its_scope(captured, flow, refs_only, kept):
    with flow.case("SO-1", refs={"invoice": "I", "package": "P"}).step("a", refs={"item": "A"}, refs_only=refs_only):
        pass
    _, attributes = only(captured)
    assert {k for k in attributes if k.startswith("flow.ref.")} == kept


def test_a_step_that_undoes_another_is_a_compensation(captured, flow):
    with flow.case("SO-1").step("release-stock", compensates="reserve-stock"):
        pass
    _, attributes = only(captured)
    assert (attributes["flow.step.kind"], attributes["flow.compensates"]) == ("compensation", "reserve-stock")


def test_steps_nest(captured, flow):
    with flow.case("SO-1") as case, case.step("outer") as outer, case.step("inner") as inner:
        assert flowtrail.current_step() is inner
    inner_span, outer_span = captured.spans()
    assert inner_span.parent.span_id == outer_span.context.span_id
    assert inner_span.context.trace_id == outer_span.context.trace_id
    assert (outer.trace_id, outer.span_id) == (f"{1:032x}", f"{1:016x}")
    assert flowtrail.current_step() is None


def test_steps_of_one_scope_share_a_trace_and_scopes_do_not(captured, flow):
    for order in ("SO-1", "SO-2"):
        with flow.case(order) as case:
            for name in ("a", "b"):
                with case.step(name):
                    pass
    traces = [s.context.trace_id for s in captured.spans()]
    assert traces[0] == traces[1] != traces[2] == traces[3]


def test_a_step_cannot_run_twice_at_once(flow):
    with flow.case("SO-1").step("a") as step, pytest.raises(flowtrail.FlowtrailError, match="already ran"), step:
        pass


def test_a_clock_that_goes_back_never_ends_a_step_before_it_began(captured, flow):
    with flow.case("SO-1").step("a"):
        captured.clock.advance(-60)
    span, _ = only(captured)
    assert span.end_time == span.start_time


def test_a_step_cannot_run_again(flow):
    step = flow.case("SO-1").step("a")
    with step:
        pass
    with pytest.raises(flowtrail.FlowtrailError, match="already ran"):
        step.__enter__()


def test_what_is_said_after_the_end_changes_nothing(captured, flow):
    with flow.case("SO-1").step("a") as step:
        pass
    step.attribute("late", 1)
    step.business_error("late")
    span, found = only(captured)
    assert "late" not in found
    assert span.status.is_unset


def test_members_of_an_enumeration_are_taken_by_their_value(captured, flow):
    class Word(str, Enum):  # noqa: UP042 - the older kind, whose members print as their name
        HUMAN = "human"
        ID = "SO-1"

    with flow.case(Word.ID).step("a", actor=(Word.HUMAN, Word.ID)):
        pass
    _, found = only(captured)
    assert (found["flow.case.id"], found["flow.actor.type"], found["flow.actor.id"]) == ("SO-1", "human", "SO-1")
    assert {type(value) for value in found.values()} == {str}


async def _async_step(flow):
    async with flow.case("SO-1") as case, case.step("a") as step:
        step.action("create")


def test_scopes_and_steps_work_with_async_with(captured, flow):
    asyncio.run(_async_step(flow))
    _, attributes = only(captured)
    assert attributes["flow.action"] == "create"


def test_approval_terms_are_attributes(captured, flow):
    terms = {"timeout_s": 3600, "escalate_to": "cfo", "on_timeout": "reject"}
    with flow.case("SO-1").step("approve", kind="approval", approval=terms):
        pass
    _, attributes = only(captured)
    assert attributes["flow.approval.timeout_s"] == 3600.0
    assert attributes["flow.approval.escalate_to"] == "cfo"
    assert attributes["flow.approval.on_timeout"] == "reject"
