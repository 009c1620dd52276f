"""Takes messages from a queue one by one and hands them to a service."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from demo.file_queue import FileQueue, Message

Handler = Callable[[Message], Awaitable[bool]]
"""Returns True when the message is dealt with; False (a worker that died on it) leaves it to be delivered again."""


class Bell(Protocol):
    """Tells a receiver when it is worth looking into the queue again."""

    async def wait(self, queue: FileQueue) -> None: ...


class PollingBell:
    """Looks again after ``interval_s`` real seconds: all that a file shared by processes allows."""

    def __init__(self, interval_s: float = 0.03) -> None:
        self._interval_s = interval_s

    async def wait(self, queue: FileQueue) -> None:  # noqa: ARG002 - the other bell looks into it
        await asyncio.sleep(self._interval_s)


class InstantBell:
    """Rings on each send and when an invisible message comes back; keeps weeks of virtual time free of polling."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._rung = asyncio.Event()
        self._now = now

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, queue: FileQueue) -> None:
        moment = queue.next_visible_at()
        delay = None if moment is None else max(0.0, moment - self._now())
        try:
            await asyncio.wait_for(self._rung.wait(), delay)
        except TimeoutError:
            return
        self._rung.clear()


async def consume(queue: FileQueue, bell: Bell, handle: Handler) -> None:
    """Runs until cancelled; a message is acknowledged only after ``handle`` said so."""
    while True:
        message = queue.receive()
        if message is None:
            await bell.wait(queue)
        elif await handle(message):
            queue.ack(message)
