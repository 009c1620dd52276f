from __future__ import annotations

import flowtrail
import pytest
from flowtrail import testing


@pytest.mark.parametrize("details", [{"kind": "approval"}, {"kind": "handoff"}, {"started": True}], ids=str)
def test_some_steps_are_reported_as_soon_as_they_begin(captured, flow, details):
    case = flow.case("SO-1", refs={"package": "P"})
    with case.step("a", **details):
        (started,) = captured.all()
    (finished,) = captured.spans()
    assert started.context.trace_id == finished.context.trace_id
    assert started.context.span_id != finished.context.span_id
    assert started.parent.span_id == finished.context.span_id
    assert started.start_time == started.end_time == finished.start_time
    assert dict(started.attributes) == {**finished.attributes, "flow.step.state": "started"}


def test_a_started_record_does_not_wait_for_the_next_batch(wait_for):
    with testing.capture("wms", schedule_delay_s=600.0) as captured:
        flow = flowtrail.Flow("f", runtime=captured.runtime)
        with flow.case("SO-1").step("a", kind="approval"):
            wait_for(captured.exporter.spans)


def test_other_steps_are_reported_when_they_take_long(wait_for):
    with testing.capture("wms", started_after_s=0.02) as captured:
        flow = flowtrail.Flow("f", runtime=captured.runtime)
        with flow.case("SO-1") as case, case.step("slow"), case.step("slow-too"):
            wait_for(lambda: len(captured.started()) == 2)
        assert {s.name for s in captured.started()} == {"slow", "slow-too"}
        assert len(captured.spans()) == 2


def test_zero_reports_every_step_at_once():
    with testing.capture("wms", started_after_s=0) as captured:
        flow = flowtrail.Flow("f", runtime=captured.runtime)
        with flow.case("SO-1").step("a"):
            assert len(captured.all()) == 1


def test_short_steps_send_one_span_only(captured, flow):
    for _ in range(50):
        with flow.case("SO-1").step("a"):
            pass
    assert len(captured.all()) == 50


def test_a_step_is_reported_once(wait_for):
    with testing.capture("wms", started_after_s=0.01) as captured:
        flow = flowtrail.Flow("f", runtime=captured.runtime)
        with flow.case("SO-1").step("a", kind="handoff") as step:
            step.announce()
            step.detach()
        for _ in range(3):
            with flow.case("SO-2").step("slow"):
                wait_for(lambda: any(s.attributes["flow.case.id"] == "SO-2" for s in captured.started()))
        assert len([s for s in captured.started() if s.attributes["flow.case.id"] == "SO-1"]) == 1


def test_the_watch_sleeps_while_nothing_runs_and_wakes_again(wait_for):
    with testing.capture("wms", started_after_s=0.01) as captured:
        flow = flowtrail.Flow("f", runtime=captured.runtime)
        watch = captured.runtime.watch
        for order in ("SO-1", "SO-2"):
            with flow.case(order).step("a"):
                wait_for(lambda: len(captured.started()) > 0)
            wait_for(lambda: watch._idle)
            captured.exporter.clear()


def test_what_was_said_before_the_report_is_in_it(wait_for):
    with testing.capture("wms", started_after_s=0.05) as captured:
        flow = flowtrail.Flow("f", runtime=captured.runtime)
        with flow.case("SO-1").step("a") as step:
            step.actor("human", "dana")
            wait_for(captured.started)
            step.business_error("late")
        assert captured.started()[0].attributes["flow.actor.id"] == "dana"
        assert captured.started()[0].status.is_unset
