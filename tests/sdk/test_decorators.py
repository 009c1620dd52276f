from __future__ import annotations

import asyncio
from dataclasses import dataclass

import flowtrail
import pytest


@dataclass
class Order:
    id: str
    total: float = 10.0


def names_and_cases(captured):
    return [(s.name, s.attributes.get("flow.case.id")) for s in captured.spans()]


def test_a_function_becomes_a_step_of_the_current_case(captured, flow):
    @flowtrail.case_step("reserve-stock", action="create")
    def reserve(n):
        """Keep n aside."""
        return n + 1

    with flow.case("SO-1"):
        assert reserve(1) == 2
    assert names_and_cases(captured) == [("reserve-stock", "SO-1")]
    assert captured.spans()[0].attributes["flow.action"] == "create"
    assert (reserve.__name__, reserve.__doc__) == ("reserve", "Keep n aside.")


def test_a_coroutine_function_becomes_a_step_too(captured, flow):
    @flowtrail.case_step("reserve-stock")
    async def reserve():
        await asyncio.sleep(0)
        return flowtrail.current_step().name

    async def main():
        async with flow.case("SO-1"):
            return await reserve()

    assert asyncio.run(main()) == "reserve-stock"
    assert names_and_cases(captured) == [("reserve-stock", "SO-1")]


def test_flow_step_finds_the_case_and_other_details_in_the_arguments(captured, flow):
    @flow.step(
        "reserve-stock",
        case=lambda order: order.id,
        value=lambda order: (order.total, "EUR"),
        refs=lambda order: {"invoice": f"I-{order.id}"},
        idempotency_key=lambda order: f"reserve:{order.id}",
    )
    def reserve(order):
        return flowtrail.current_case().id

    assert reserve(Order("SO-7")) == "SO-7"
    (span,) = captured.spans()
    assert span.attributes["flow.value.amount"] == 10.0
    assert span.attributes["flow.ref.invoice"] == "I-SO-7"
    assert span.attributes["flow.idempotency_key"] == "reserve:SO-7"


def test_flow_step_without_case_takes_the_current_one_or_the_incoming_one(captured, flow):
    @flow.step("reserve-stock")
    def reserve():
        pass

    with flow.case("SO-1"):
        reserve()
    with flowtrail.extract({"baggage": "flow.name=order-to-cash,flow.case.id=SO-2"}):
        reserve()
    assert names_and_cases(captured) == [("reserve-stock", "SO-1"), ("reserve-stock", "SO-2")]


def test_the_functions_own_exception_passes_through(captured, flow):
    @flow.step("a", case=lambda: "SO-1")
    def fail():
        raise flowtrail.BusinessError("refused")

    with pytest.raises(flowtrail.BusinessError):
        fail()
    assert captured.spans()[0].attributes["error.type"] == "refused"


def test_calling_outside_of_any_case_is_a_mistake_in_strict_mode():
    @flowtrail.case_step("a")
    def work():
        return 1

    with pytest.raises(flowtrail.FlowtrailError, match="outside of any case"):
        work()


def test_a_broken_lambda_never_breaks_the_function_it_decorates(caplog):
    runtime = flowtrail.Runtime("wms", strict=False, disabled=True)
    flowtrail.init("wms", strict=False, disabled=True)
    flow = flowtrail.Flow("f", runtime=runtime)

    @flow.step("a", case=lambda order: order.no_such_field)
    def work(order):
        return order

    @flowtrail.case_step("b")
    def outside():
        return 2

    assert work(1) == 1
    assert outside() == 2
    assert "reported once" in caplog.text


def test_generators_are_refused():
    with pytest.raises(flowtrail.FlowtrailError, match="generator"):

        @flowtrail.case_step("a")
        def work():
            yield 1
