"""A discrete-event scheduler: an asyncio event loop that jumps to its next timer instead of waiting for it."""

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any


class NothingScheduledError(RuntimeError):
    """Every task waits for something that nobody will ever do."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """``time()`` starts at 0 and passes only between events; same program, same order of events, every time.

    There is no input or output in it: sockets and other threads are never looked at.
    """

    def __init__(self) -> None:
        self.moment = 0.0
        super().__init__(_Jump(self))

    def time(self) -> float:
        return self.moment


class _Jump(selectors.BaseSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        self._loop = loop
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        descriptor = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        self._keys[fileobj] = selectors.SelectorKey(fileobj, descriptor, events, data)
        return self._keys[fileobj]

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingScheduledError("every task of the simulation waits, and no timer is set")
        self._loop.moment += max(0.0, timeout)
        return []
