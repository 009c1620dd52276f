"""Limits how many gRPC requests are read at the same time.

Over HTTP the bytes are counted while they arrive. gRPC hands over a message only when it is complete, and then it is
already in memory; so the number of requests is limited instead.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from collector.errors import Refusal

WAITING: Final = 1000
"""Requests that may wait for a slot. gRPC keeps only the beginning of each in memory."""


class ConcurrencyLimit:
    """Lets ``limit`` requests run while others wait; 0 for no limit. ``overloaded`` makes the refusal of any beyond."""

    def __init__(self, limit: int, overloaded: Callable[[str], Refusal]) -> None:
        self._slots = asyncio.Semaphore(limit) if limit else None
        self._overloaded = overloaded
        self._waiting = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot. Raises Refusal ``overloaded`` immediately if too many requests wait for one."""
        if self._slots is None:
            yield
            return
        if self._waiting >= WAITING:
            raise self._overloaded("Too many gRPC requests are under way.")
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()
