"""Connections that clients come back to, each for one call at a time."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from store_server.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from store_server.call import Session


@dataclass
class _Kept:
    connection: Any
    until: float
    busy: threading.Lock = field(default_factory=threading.Lock)


class Sessions:
    """``connect`` opens a connection; ``clock`` gives seconds."""

    def __init__(self, connect: Callable[[], Any], clock: Callable[[], float] = time.monotonic) -> None:
        self._connect = connect
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def connection(self, session: Session | None) -> Iterator[Any]:
        """A connection for one call: the session's, or one that ends with the call.

        Raises ServerError 372 for a session that must exist and does not, 373 for one in use.
        """
        if session is None:
            with contextlib.closing(self._connect()) as connection:
                yield connection
            return
        kept = self._take(session)
        try:
            yield kept.connection
        finally:
            kept.until = self._clock() + session.seconds
            kept.busy.release()
            if session.close:
                self._drop(session.id)

    def close(self) -> None:
        """End all of them."""
        for name in list(self._kept):
            self._drop(name)

    def _take(self, session: Session) -> _Kept:
        with self._lock:
            self._forget_idle()
            kept = self._kept.get(session.id)
            if kept is None:
                if session.must_exist:
                    raise refusal(372, "SESSION_NOT_FOUND", f"Session {session.id} not found")
                kept = self._kept[session.id] = _Kept(self._connect(), 0)
            if not kept.busy.acquire(blocking=False):
                raise refusal(373, "SESSION_IS_LOCKED", f"Session {session.id} is locked by a concurrent client")
            return kept

    def _forget_idle(self) -> None:
        now = self._clock()
        for name, kept in list(self._kept.items()):
            if kept.until < now and kept.busy.acquire(blocking=False):
                del self._kept[name]
                kept.connection.close()

    def _drop(self, name: str) -> None:
        with self._lock:
            kept = self._kept.pop(name, None)
        if kept is not None:
            kept.connection.close()
