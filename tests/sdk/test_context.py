from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import flowtrail


def by_name(captured):
    return {s.name: s for s in captured.spans()}


def test_tasks_that_run_together_keep_their_cases_apart(captured, flow):
    async def handle(number):
        async with flow.case(f"SO-{number}") as case:
            for name in ("a", "b"):
                async with case.step(f"{name}-{number}"):
                    await asyncio.sleep(0)
                    assert flowtrail.current_case() is case
                    async with flowtrail.current_case().step(f"inner-{name}-{number}"):
                        await asyncio.sleep(0)

    async def main():
        await asyncio.gather(*(handle(n) for n in range(20)))

    asyncio.run(main())
    spans = by_name(captured)
    assert len(spans) == 80
    for name, span in spans.items():
        assert span.attributes["flow.case.id"] == f"SO-{name.split('-')[-1]}"
        if name.startswith("inner-"):
            assert span.parent.span_id == spans[name.removeprefix("inner-")].context.span_id


def test_tasks_made_within_a_step_are_its_children(captured, flow):
    async def child(case):
        with case.step("child"):
            await asyncio.sleep(0)

    async def main():
        with flow.case("SO-1") as case, case.step("parent"):
            await asyncio.create_task(child(case))

    asyncio.run(main())
    spans = by_name(captured)
    assert spans["child"].parent.span_id == spans["parent"].context.span_id


def test_threads_start_outside_and_carry_takes_them_along(captured, flow):
    seen = []
    with flow.case("SO-1") as case, case.step("parent"), ThreadPoolExecutor(2) as pool:
        pool.submit(lambda: seen.append(flowtrail.current_case())).result()

        def work(name):
            with flowtrail.current_case().step(name):
                return name

        carried = flowtrail.carry(work)
        assert list(pool.map(carried, ["one", "two"])) == ["one", "two"]
    assert seen == [None]
    spans = by_name(captured)
    assert spans["one"].parent.span_id == spans["two"].parent.span_id == spans["parent"].context.span_id


def test_to_thread_takes_the_case_along(captured, flow):
    async def main():
        async with flow.case("SO-1"):
            return await asyncio.to_thread(lambda: flowtrail.current_case().id)

    assert asyncio.run(main()) == "SO-1"


def test_threads_that_share_a_case_lose_nothing(captured, flow):
    case = flow.case("SO-1")
    barrier = threading.Barrier(8)

    def work(n):
        barrier.wait(10)
        for i in range(50):
            case.link(item=f"{n}-{i}")
            with case.step("a"):
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    with case.step("last"):
        pass
    assert len(captured.spans()) == 401
    assert len({s.context.trace_id for s in captured.spans()}) == 1
    assert len(by_name(captured)["last"].attributes["flow.ref.item"]) == 400


def test_a_step_left_from_another_context_still_ends(captured, flow, caplog):
    async def main():
        step = flow.case("SO-1").step("a")
        await asyncio.create_task(step.__aenter__())
        await asyncio.create_task(step.__aexit__(None, None, None))

    asyncio.run(main())
    assert len(captured.spans()) == 1
    assert flowtrail.current_step() is None
    assert caplog.text == ""
