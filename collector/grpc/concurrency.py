"""How many gRPC requests are read at a time: gRPC hands over a message only whole, so counting bytes comes too late."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from collector.errors import Refusal

WAITING: Final = 1000
"""Requests that may wait for their turn; of each gRPC holds no more than the beginning."""


class ConcurrencyLimit:
    """Lets ``most`` at a time work and the others wait; 0 for no limit. ``overloaded`` makes the refusal of more."""

    def __init__(self, most: int, overloaded: Callable[[str], Refusal]) -> None:
        self._slots = asyncio.Semaphore(most) if most else None
        self._overloaded = overloaded
        self._waiting = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """One turn; raises Refusal ``overloaded`` at once if too many wait."""
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
