from __future__ import annotations

import asyncio

import flowtrail
import pytest
from flowtrail import testing
from flowtrail._attempts import doubling


def exhaust(attempts, errors):
    """Run the attempts, raising the errors in turn, the last one for good."""
    for attempt in attempts:
        with attempt:
            raise errors.pop(0) if len(errors) > 1 else errors[0]


def tries(captured):
    return [(s.attributes["flow.attempt"], s.attributes.get("error.type")) for s in captured.spans()]


def test_each_attempt_is_a_step_and_success_ends_them(captured, flow):
    for attempt in flow.case("SO-1").attempts("book", max_attempts=4, backoff=0):
        with attempt as step:
            if len(captured.spans()) < 2:
                raise TimeoutError
            step.action("create")
    assert tries(captured) == [(1, "TimeoutError"), (2, "TimeoutError"), (3, None)]
    assert len({s.attributes["flow.idempotency_key"] for s in captured.spans()}) == 1


def test_the_last_error_raises(captured, flow):
    with pytest.raises(TimeoutError):
        exhaust(flow.case("SO-1").attempts("book", max_attempts=2, backoff=0, idempotency_key="k"), [TimeoutError()])
    assert tries(captured) == [(1, "TimeoutError"), (2, "TimeoutError")]
    assert captured.spans()[0].attributes["flow.idempotency_key"] == "k"


def test_a_business_error_is_not_tried_again(captured, flow):
    with pytest.raises(flowtrail.BusinessError):
        exhaust(flow.case("SO-1").attempts("book", backoff=0), [flowtrail.BusinessError("refused")])
    assert tries(captured) == [(1, "refused")]


def test_retry_on_names_what_is_tried_again(captured, flow):
    attempts = flow.case("SO-1").attempts("book", backoff=0, retry_on=(TimeoutError,))
    with pytest.raises(KeyError):
        exhaust(attempts, [TimeoutError(), KeyError("x")])
    assert tries(captured) == [(1, "TimeoutError"), (2, "KeyError")]


def test_a_marked_infrastructure_error_is_tried_again_and_never_raises(captured, flow):
    for attempt in flow.case("SO-1").attempts("book", max_attempts=2, backoff=0):
        with attempt as step:
            step.infrastructure_error("timeout")
    assert tries(captured) == [(1, "timeout"), (2, "timeout")]


def test_a_marked_business_error_is_not_tried_again(captured, flow):
    for attempt in flow.case("SO-1").attempts("book", backoff=0):
        with attempt as step:
            step.business_error("refused")
    assert tries(captured) == [(1, "refused")]


def test_attempts_can_go_on_counting_where_another_process_stopped(captured, flow):
    for attempt in flow.case("SO-1").attempts("book", attempt=3, backoff=0):
        with attempt:
            assert attempt.number == 3
    assert tries(captured) == [(3, None)]


def test_an_attempt_knows_its_number(captured, flow):
    numbers = []
    for attempt in flow.case("SO-1").attempts("book", max_attempts=3, backoff=0):
        numbers.append(attempt.number)
        with attempt as step:
            step.infrastructure_error("timeout")
    assert numbers == [number for number, _ in tries(captured)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("backoff", "slept"), [(2, [2, 2, 2]), ([1, 5], [1, 5, 5]), (lambda n: n * 10, [10, 20, 30]), (0, [0, 0, 0])]
)
def test_backoff_is_a_number_a_list_or_a_function(flow, backoff, slept):
    pauses = []
    attempts = flow.case("SO-1").attempts("book", max_attempts=4, backoff=backoff, sleep=pauses.append)
    with pytest.raises(OSError):
        exhaust(attempts, [OSError()])
    assert pauses == slept


def test_the_usual_backoff_doubles_up_to_half_a_minute():
    for attempt in range(1, 40):
        middle = min(30.0, 0.1 * 2 ** (attempt - 1))
        assert middle / 2 <= doubling(attempt) <= middle * 1.5


def test_async_for_waits_without_holding_the_loop(captured, flow):
    async def main():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticker = asyncio.create_task(tick())
        async for attempt in flow.case("SO-1").attempts("book", backoff=0.02):
            async with attempt:
                if len(captured.spans()) < 1:
                    raise TimeoutError
        ticker.cancel()
        return ticks

    assert asyncio.run(main()) > 1
    assert tries(captured) == [(1, "TimeoutError"), (2, None)]


def test_cancelling_stops_the_attempts(captured, flow):
    async def main():
        async def work():
            async for attempt in flow.case("SO-1").attempts("book", backoff=0):
                async with attempt:
                    await asyncio.sleep(60)

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert tries(captured) == [(1, "CancelledError")]


def test_an_attempt_that_is_never_entered_ends_the_loop(captured, flow):
    assert len(list(flow.case("SO-1").attempts("book", backoff=0))) == 1
    assert captured.spans() == []


@pytest.mark.parametrize("wrong", [0, -1, 2.5, None, True])
def test_a_wrong_number_of_attempts_is_refused(flow, wrong):
    with pytest.raises(flowtrail.FlowtrailError, match="max attempts"):
        flow.case("SO-1").attempts("book", max_attempts=wrong)


def test_a_broken_backoff_does_not_hide_the_error_that_is_tried_again(caplog):
    with testing.capture("wms", strict=False) as captured:
        case = flowtrail.Flow("f", runtime=captured.runtime).case("SO-1")
        with pytest.raises(OSError):
            exhaust(case.attempts("book", max_attempts=2, backoff=[], sleep=lambda _: None), [OSError()])
        assert tries(captured) == [(1, "OSError"), (2, "OSError")]


def test_async_attempts_may_sleep_by_a_clock_of_their_own(captured, flow):
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    async def main():
        async for attempt in flow.case("SO-1").attempts("book", max_attempts=2, backoff=3600, sleep=sleep):
            async with attempt as step:
                step.infrastructure_error("timeout")

    asyncio.run(main())
    assert pauses == [3600]
