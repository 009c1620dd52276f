from __future__ import annotations

import asyncio

import flowtrail
import pytest
from flowtrail import testing
from opentelemetry.trace import StatusCode


def run_step(flow, error, **details):
    with pytest.raises(type(error)), flow.case("SO-1").step("a", **details):
        raise error


def failure(captured):
    (span,) = captured.spans()
    return span, span.attributes.get("flow.error.class"), span.attributes.get("error.type")


def test_a_raised_business_error_marks_the_step_and_goes_on(captured, flow):
    run_step(flow, flowtrail.BusinessError("out-of-stock", "none left"))
    span, kind, code = failure(captured)
    assert (kind, code) == ("business", "out-of-stock")
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "none left"
    (event,) = span.events
    assert event.name == "exception"
    assert event.attributes["exception.type"] == "flowtrail._errors.BusinessError"
    assert event.attributes["exception.message"] == "none left"
    assert "run_step" in event.attributes["exception.stacktrace"]


def test_any_other_exception_is_infrastructure_named_after_its_class(captured, flow):
    run_step(flow, TimeoutError("no answer"))
    span, kind, code = failure(captured)
    assert (kind, code) == ("infrastructure", "TimeoutError")
    assert span.events[0].attributes["exception.type"] == "TimeoutError"


def test_an_infrastructure_error_carries_its_own_code(captured, flow):
    run_step(flow, flowtrail.InfrastructureError("rate-limited"))
    assert failure(captured)[1:] == ("infrastructure", "rate-limited")


def test_marking_does_not_raise_and_the_events_time_is_the_clocks(captured, flow):
    with flow.case("SO-1").step("a") as step:
        captured.clock.advance(1)
        step.infrastructure_error("timeout", "after 1 s")
        captured.clock.advance(1)
    span, kind, code = failure(captured)
    assert (kind, code) == ("infrastructure", "timeout")
    assert span.events[0].timestamp == testing.START_NS + 1_000_000_000
    assert dict(span.events[0].attributes) == {"exception.type": "timeout", "exception.message": "after 1 s"}


def test_cancelling_a_task_fails_its_step(captured, flow):
    async def main():
        async def work():
            async with flow.case("SO-1").step("a"):
                await asyncio.sleep(60)

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert failure(captured)[1:] == ("infrastructure", "CancelledError")


def test_closing_a_generator_early_is_no_failure(captured, flow):
    def work():
        with flow.case("SO-1").step("a"):
            yield

    generator = work()
    next(generator)
    generator.close()
    assert failure(captured)[1] is None


@pytest.mark.parametrize("where", ["step", "flow", "runtime"])
def test_classify_overrides_the_usual_rule(where):
    def classify(error):
        return ("business", "no-such-customer") if isinstance(error, KeyError) else None

    given = {"classify": classify}
    with testing.capture("wms", **(given if where == "runtime" else {})) as captured:
        flow = flowtrail.Flow("f", runtime=captured.runtime, **(given if where == "flow" else {}))
        run_step(flow, KeyError("x"), **(given if where == "step" else {}))
        assert failure(captured)[1:] == ("business", "no-such-customer")


def test_a_rule_may_name_the_class_alone(captured, flow):
    run_step(flow, ValueError("x"), classify=lambda _: "business")
    assert failure(captured)[1:] == ("business", "ValueError")


def test_a_broken_rule_does_not_replace_the_hosts_exception(caplog):
    def classify(_):
        raise RuntimeError("the rule is broken")

    with testing.capture("wms", strict=False) as captured:
        run_step(flowtrail.Flow("f", runtime=captured.runtime), ValueError("x"), classify=classify)
        assert failure(captured)[1:] == ("infrastructure", "ValueError")


def test_an_exception_that_cannot_be_printed_is_still_recorded():
    class Unprintable(Exception):
        def __str__(self):
            raise RuntimeError

    with testing.capture("wms", strict=False) as captured:
        run_step(flowtrail.Flow("f", runtime=captured.runtime), Unprintable())
        assert failure(captured)[1:] == ("infrastructure", "Unprintable")


def test_texts_that_protobuf_refuses_are_mended(captured, flow):
    with flow.case("SO-\ud800").step("a") as step:
        step.business_error("code", "half a pair: \ud800")
        step.attribute("note", "\udfff")
        step.attribute("big", 2**70)
    span, _, _ = failure(captured)
    assert span.attributes["flow.case.id"] == "SO-?"
    assert span.attributes["big"] == str(2**70)
    assert span.attributes["note"] == "?"
    span.status.description.encode()
