"""The whole public SDK as a typed program uses it. mypy checks every line of it, and a test runs it.

A name that the package exports and this file does not use fails the test: what is public is type-checked.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any, assert_type

import flowtrail
from flowtrail import (
    Actor,
    Attempt,
    Attempts,
    Backoff,
    BusinessError,
    Case,
    CaseDetails,
    Classify,
    Flow,
    FlowtrailError,
    Ids,
    InfrastructureError,
    Money,
    Refs,
    Runtime,
    RuntimeArguments,
    Scope,
    Settings,
    Stats,
    Step,
    StepDetails,
    StepError,
    testing,
)

PRICE: Money = (Decimal("12.50"), "EUR")
PERSON: Actor = ("human", "dana")
ITEMS: Ids = ["SO-1-1", "SO-1-2"]
REFS: Refs = {"item": ITEMS, "package": "PK-7"}
PAUSES: Backoff = [0.0, 0.1]
CASE: CaseDetails = {"value": PRICE, "dims": {"channel": "web"}, "actor": PERSON, "refs": REFS}
STEP: StepDetails = {"kind": "task", "action": "create", "cost": PRICE, "refs_only": ["item"]}


def by_status(error: BaseException) -> tuple[str, str] | None:
    """A rule that says which class and code an exception has."""
    return ("business", "refused") if isinstance(error, ValueError) else None


RULE: Classify = by_status


def settings_and_runtimes() -> None:
    """Make runtimes, flush them and read what became of the spans."""
    arguments: RuntimeArguments = {"disabled": True, "classify": RULE, "timeout_s": 5}
    runtime = flowtrail.init("shop", "http://127.0.0.1:4318", **arguments)
    assert_type(runtime, Runtime)
    assert_type(runtime.settings, Settings)
    assert_type(runtime.stats(), Stats)
    assert_type(flowtrail.flush(1.0), bool)
    assert_type(flowtrail.shutdown(), bool)


def steps(flow: Flow) -> dict[str, Any]:
    """Record one of everything; returns the token of a detached step."""
    with flow.case("SO-1", **CASE) as case:
        assert_type(case, Case)
        case.link(package="PK-7", item=ITEMS)
        case.value(12.5, "EUR")
        case.dim(route="air")
        case.actor("human", "dana")
        with case.step("reserve-stock", **STEP) as step:
            assert_type(step, Step)
            step.cost(0.02, "EUR")
            step.connect("item", "SO-1-1", "package", ["PK-7"])
            step.attribute("warehouse.shelf", 7)
            step.outcome("completed")
            assert_type(flowtrail.current_step(), Step | None)
            assert_type(flowtrail.current_case(), Case | None)
            assert_type(step.trace_id, str)
        with case.step("approve", kind="approval", approval={"timeout_s": 60}) as approval:
            return approval.detach()


def attempts(scope: Scope) -> int:
    """Try until it works; returns the number of the attempt that did."""
    tries = scope.attempts("book-carrier", max_attempts=2, backoff=PAUSES, retry_on=InfrastructureError)
    assert_type(tries, Attempts)
    for attempt in tries:
        assert_type(attempt, Attempt)
        with attempt as step:
            assert_type(step, Step)
            if attempt.number == 1:
                raise InfrastructureError("timeout", "The carrier did not answer.")
            return attempt.number
    raise AssertionError


def errors(flow: Flow) -> list[str]:
    """Raise each kind of error; returns their codes."""
    codes = []
    with flow.objects(package="PK-7") as scope:
        assert_type(scope, Scope)
        try:
            with scope.step("check-credit"):
                raise BusinessError("insufficient-credit")
        except StepError as error:
            codes.append(error.code)
        try:
            with scope.step("check-credit") as step:
                step.action("")
        except FlowtrailError as error:
            codes.append(error.code)
    return codes


def propagation(flow: Flow) -> str | None:
    """Hand a case on in headers, and to a thread; returns the id that arrives."""
    headers: dict[str, str] = {}
    with flow.case("SO-2") as case, case.step("call"):
        flowtrail.inject(headers)
        carried = flowtrail.carry(flowtrail.current_case)
    assert_type(carried(), Case | None)
    with flowtrail.extract(headers), flow.case() as same:
        return same.id


def decorators(flow: Flow) -> tuple[int, int]:
    """Decorated functions keep their types."""

    @flow.step("price", case=lambda order: order["id"], value=lambda order: (order["total"], "EUR"))
    def price(order: dict[str, Any]) -> int:
        return int(order["total"])

    @flowtrail.case_step("pick")
    async def pick(number: int) -> int:
        return number

    async def picked() -> int:
        async with flow.case("SO-3"):
            return await pick(2)

    assert_type(price({"id": "SO-3", "total": 3}), int)
    return price({"id": "SO-3", "total": 3}), asyncio.run(picked())


def main() -> dict[str, Any]:
    """Run all of it in memory; returns what each part came to."""
    settings_and_runtimes()
    with testing.capture("shop") as captured:
        flow = Flow("order-to-cash", "1", runtime=captured.runtime, classify=RULE)
        token = steps(flow)
        with flow.resume(token) as step:
            step.action("approve")
        with flow.case("SO-4") as case:
            attempt = attempts(case)
        outcome: dict[str, Any] = {
            "attempt": attempt,
            "errors": errors(flow),
            "arrived": propagation(flow),
            "decorated": decorators(flow),
        }
        return {**outcome, "spans": [span.name for span in captured.spans()]}
