"""Turns for work of which only so much is done at a time, shared out so that no tenant takes them all."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable

_KEPT_FREE: Final = 4
"""One turn in so many is never given to a tenant that has all the others."""


class FairTurns:
    """At most ``limit`` turns at a time, on one event loop; 0 for any number.

    A tenant has at most three quarters of them (one at least), so that its slow work does not make others wait. When a
    turn is free, the tenant with the fewest gets it, and of its waiters the first.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._share = max(1, limit - limit // _KEPT_FREE)
        self._taken: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, tenant: Hashable, timeout_s: float) -> AsyncIterator[None]:
        """Wait for a turn of ``tenant`` and hold it; raises TimeoutError after ``timeout_s``."""
        await self.acquire(tenant, timeout_s)
        try:
            yield
        finally:
            self.release(tenant)

    async def acquire(self, tenant: Hashable, timeout_s: float) -> None:
        """Take a turn, which :meth:`release` gives back. Raises TimeoutError after ``timeout_s``."""
        if self._may_begin(tenant) and tenant not in self._waiting:
            self._taken[tenant] += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(turn)
        try:
            await asyncio.wait_for(asyncio.shield(turn), timeout_s)
        except BaseException:
            # It may have been given the turn in the moment in which it stopped waiting.
            if turn.done() and not turn.cancelled():
                self.release(tenant)
            else:
                self._forget(tenant, turn)
            raise

    def release(self, tenant: Hashable) -> None:
        """Give back a turn."""
        self._taken[tenant] -= 1
        if not self._taken[tenant]:
            del self._taken[tenant]
        self._give_out()

    def _may_begin(self, tenant: Hashable) -> bool:
        return not self._limit or (self._taken.total() < self._limit and self._taken[tenant] < self._share)

    def _give_out(self) -> None:
        while self._waiting:
            tenant = min(self._waiting, key=lambda waiting: self._taken[waiting])
            if not self._may_begin(tenant):
                return
            turn = self._waiting[tenant].popleft()
            if not self._waiting[tenant]:
                del self._waiting[tenant]
            self._taken[tenant] += 1
            turn.set_result(None)

    def _forget(self, tenant: Hashable, turn: asyncio.Future[None]) -> None:
        turn.cancel()
        self._waiting[tenant].remove(turn)
        if not self._waiting[tenant]:
            del self._waiting[tenant]
