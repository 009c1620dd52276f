"""The clock every service is given: real and hurried in the five processes, simulated when history is made."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from demo.systems.office import after_office_time

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Time as the services see it; every duration is in seconds of business time."""

    def now_ns(self) -> int:
        """Nanoseconds since 1970, UTC."""

    def now(self) -> datetime:
        """The same instant, cut to microseconds."""

    async def work(self, seconds: float) -> None:
        """What a machine needs: milliseconds to seconds."""

    async def wait(self, seconds: float) -> None:
        """What business takes without anybody at work on it: hours and days."""

    async def person(self, seconds: float, *, hurried: bool) -> None:
        """What a person takes to come round to it, counted in office hours."""

    def loop_seconds(self, seconds: float) -> float:
        """That long on the running event loop: for timeouts and pauses between attempts."""


@dataclass(frozen=True)
class LiveClock:
    """Real time for an audience: an order passes in seconds, and hours and days both stay visible.

    At speed 1 business waits shrink to their square root (3 h → 0.16 s, 36 h → 0.55 s), work to a twentieth, timeouts
    and pauses between attempts to a tenth. Unhurried persons take a real while (2 h → 36 s), so that somebody can be
    seen holding an order.
    """

    speed: float = 1.0
    nanoseconds: Callable[[], int] = time.time_ns

    def now_ns(self) -> int:
        return self.nanoseconds()

    def now(self) -> datetime:
        return EPOCH + timedelta(microseconds=self.now_ns() // 1000)

    async def work(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 20 / self.speed)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(math.sqrt(seconds) / 650 / self.speed)

    async def person(self, seconds: float, *, hurried: bool) -> None:
        if hurried:
            await self.wait(seconds)
        else:
            await asyncio.sleep(seconds / 200 / self.speed)

    def loop_seconds(self, seconds: float) -> float:
        return seconds / 10 / self.speed


@dataclass(frozen=True)
class SimulatedClock:
    """The clock of history: the event loop's virtual seconds, counted from ``start``."""

    start: datetime
    loop: asyncio.AbstractEventLoop

    def now_ns(self) -> int:
        since_1970 = (self.start - EPOCH) // timedelta(microseconds=1)
        return (since_1970 + round(self.loop.time() * 1e6)) * 1000

    def now(self) -> datetime:
        return EPOCH + timedelta(microseconds=self.now_ns() // 1000)

    async def work(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def person(self, seconds: float, *, hurried: bool) -> None:  # noqa: ARG002 - history knows no hurry
        now = self.now()
        await asyncio.sleep((after_office_time(now, seconds) - now).total_seconds())

    def loop_seconds(self, seconds: float) -> float:
        return seconds
