"""The settings and the database that readers have set in a session. Readers have no connection of their own."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from store_server.call import Call
    from store_server.visitor import Visitor

_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class SessionState:
    """``database`` is '' before the first USE. ``until``: when an unused session is forgotten."""

    settings: Mapping[str, str] = field(default_factory=dict)
    database: str = ""
    until: float = 0


class Remembered:
    """The state of all sessions, each for the visitor that named it and for no other. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._states: dict[tuple[Visitor, str], SessionState] = {}
        self._lock = threading.Lock()

    def state(self, call: Call, visitor: Visitor) -> SessionState:
        """What was set before in the session of ``call``."""
        if call.session is None:
            return SessionState()
        with self._lock:
            state = self._states.get((visitor, call.session.id), SessionState())
        return state if state.until > self._clock() else SessionState()

    def update(self, call: Call, visitor: Visitor, **changes: Any) -> None:
        """Keep ``changes`` (``settings``, ``database``) for the session of ``call``, if it has one."""
        if call.session is None:
            return
        state = self.state(call, visitor)
        with self._lock:
            self._forget()
            until = self._clock() + call.session.seconds
            self._states[visitor, call.session.id] = replace(state, until=until, **changes)

    def _forget(self) -> None:
        """Forget sessions whose time is over, and the oldest ones, so that nobody can fill the memory with sessions."""
        now = self._clock()
        if len(self._states) >= _MOST:
            self._states = {key: state for key, state in self._states.items() if state.until > now}
        while len(self._states) >= _MOST:
            del self._states[next(iter(self._states))]
