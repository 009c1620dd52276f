"""One logger, and a bound on how often the SDK speaks."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

logger = logging.getLogger("flowtrail")


@dataclass
class _Held:
    """What was kept back of one kind."""

    n: int = 0
    template: str = ""
    more: tuple[object, ...] = ()
    until: float = 0.0


class BoundedLog:
    """Logs at most one warning per ``interval_s`` and kind; what was kept back is counted into the next one."""

    def __init__(self, interval_s: float = 30.0) -> None:
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._kinds: dict[str, _Held] = {}

    def count(self, kind: str, n: int, template: str, *more: object) -> None:
        """Warn that ``n`` more things of this kind happened; ``template`` takes ``%d`` and what ``more`` brings."""
        with self._lock:
            held = self._kinds.setdefault(kind, _Held())
            held.n, held.template, held.more = held.n + n, template, more
            now = time.monotonic()
            if now < held.until:
                return
            held.until = now + self._interval_s
            total, held.n = held.n, 0
        logger.warning(template, total, *more)

    def rest(self) -> None:
        """Say now what was kept back."""
        with self._lock:
            due = [(held.template, held.n, held.more) for held in self._kinds.values() if held.n]
            for held in self._kinds.values():
                held.n = 0
        for template, n, more in due:
            logger.warning(template, n, *more)
