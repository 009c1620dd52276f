"""What readers said in a session: their settings and their database. They have no connection of their own."""

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
class Said:
    """``database`` is '' until there was a USE. ``until``: when it is forgotten unless somebody asks again."""

    settings: Mapping[str, str] = field(default_factory=dict)
    database: str = ""
    until: float = 0


class Remembered:
    """Nothing of it reaches another reader: a session belongs to the visitor who named it. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: dict[tuple[Visitor, str], Said] = {}
        self._lock = threading.Lock()

    def said(self, call: Call, visitor: Visitor) -> Said:
        """What was said before in the session of ``call``."""
        if call.session is None:
            return Said()
        with self._lock:
            said = self._said.get((visitor, call.session.id), Said())
        return said if said.until > self._clock() else Said()

    def say(self, call: Call, visitor: Visitor, **what: Any) -> None:
        """Keep ``what`` (``settings``, ``database``) for the session of ``call``, if it has one."""
        if call.session is None:
            return
        said = self.said(call, visitor)
        with self._lock:
            self._forget()
            until = self._clock() + call.session.seconds
            self._said[visitor, call.session.id] = replace(said, until=until, **what)

    def _forget(self) -> None:
        """Those whose time is over; and the oldest, so that nobody fills the memory with sessions."""
        now = self._clock()
        if len(self._said) >= _MOST:
            self._said = {key: said for key, said in self._said.items() if said.until > now}
        while len(self._said) >= _MOST:
            del self._said[next(iter(self._said))]
