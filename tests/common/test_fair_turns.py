import asyncio
import random

import pytest

from common.fair_turns import FairTurns

SOON = 0.01


async def _begins(turns, tenant):
    """Whether a turn is free for ``tenant``; it keeps it."""
    try:
        await turns.acquire(tenant, SOON)
    except TimeoutError:
        return False
    return True


def test_one_tenant_never_has_all_turns():
    async def run():
        turns = FairTurns(8)
        assert [await _begins(turns, "a") for _ in range(7)] == [True] * 6 + [False]
        assert [await _begins(turns, "b") for _ in range(3)] == [True] * 2 + [False]
        assert not await _begins(turns, "c")
        turns.release("a")
        assert await _begins(turns, "c")

    asyncio.run(run())


@pytest.mark.parametrize(("limit", "share"), [(1, 1), (2, 2), (3, 3), (4, 3), (16, 12)])
def test_three_quarters_of_the_turns_are_for_one(limit, share):
    async def run():
        turns = FairTurns(limit)
        assert [await _begins(turns, "a") for _ in range(share + 1)] == [True] * share + [False]

    asyncio.run(run())


def test_a_free_turn_goes_to_the_tenant_with_the_fewest_and_there_to_the_first():
    async def run():
        turns, order = FairTurns(4), []

        async def work(name):
            async with turns.turn(name[0], 60):
                order.append(name)

        for tenant in "aaab":
            await turns.acquire(tenant, SOON)
        waiting = [asyncio.ensure_future(work(name)) for name in ("a1", "b1", "b2", "c1")]
        await asyncio.sleep(0)
        turns.release("a")
        await asyncio.gather(*waiting)
        return order

    assert asyncio.run(run()) == ["c1", "b1", "b2", "a1"]


def test_no_turn_is_lost_whoever_stops_waiting_whenever():
    async def run(seed):
        rng, turns, under_way, most = random.Random(seed), FairTurns(4), [0], [0]

        async def work(tenant):
            try:
                async with turns.turn(tenant, rng.random() * 0.01):
                    under_way[0] += 1
                    most[0] = max(most[0], under_way[0])
                    try:
                        await asyncio.sleep(rng.random() * 0.004)
                    finally:
                        under_way[0] -= 1
            except (TimeoutError, asyncio.CancelledError):
                return

        tasks = [asyncio.ensure_future(work(rng.choice("abc"))) for _ in range(80)]
        for task in rng.sample(tasks, 10):
            asyncio.get_running_loop().call_later(rng.random() * 0.01, task.cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert most[0] <= 4
        assert not turns._taken
        assert not turns._waiting

    for seed in range(5):
        asyncio.run(run(seed))


def test_0_is_no_limit():
    async def run():
        turns = FairTurns(0)
        assert all([await _begins(turns, "a") for _ in range(100)])

    asyncio.run(run())
