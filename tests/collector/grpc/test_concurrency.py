from __future__ import annotations

import asyncio

import pytest

from collector.errors import Refusal
from collector.grpc.concurrency import WAITING, ConcurrencyLimit


def overloaded(message: str) -> Refusal:
    return Refusal("overloaded", message, retry_after_s=1)


def test_requests_beyond_the_limit_wait_and_beyond_the_queue_are_refused():
    async def run() -> tuple[int, int, int]:
        turns, working, most, done = ConcurrencyLimit(2, overloaded), 0, 0, 0

        async def work() -> None:
            nonlocal working, most, done
            async with turns.slot():
                working += 1
                most = max(most, working)
                await asyncio.sleep(0)
                working -= 1
                done += 1

        results = await asyncio.gather(*(work() for _ in range(WAITING + 10)), return_exceptions=True)
        return most, done, sum(isinstance(result, Refusal) for result in results)

    most, done, refused = asyncio.run(run())
    assert (most, done + refused, refused > 0) == (2, WAITING + 10, True)


def test_a_slot_is_freed_however_the_request_ends():
    async def run() -> None:
        turns = ConcurrencyLimit(1, overloaded)
        for _ in range(3):
            with pytest.raises(KeyError):
                async with turns.slot():
                    raise KeyError
        waiting = asyncio.create_task(_take(turns))
        async with turns.slot():
            await asyncio.sleep(0)
            waiting.cancel()
        async with turns.slot():
            pass

    asyncio.run(run())


async def _take(turns: ConcurrencyLimit) -> None:
    async with turns.slot():
        pass
