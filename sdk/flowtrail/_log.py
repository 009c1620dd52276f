"""One logger, and a bound on how often the SDK speaks."""

from __future__ import annotations

import logging
import threading
import time

logger = logging.getLogger("flowtrail")


class BoundedLog:
    """Logs at most one warning per ``interval_s`` and kind; what was kept back is counted into the next one."""

    def __init__(self, interval_s: float = 30.0) -> None:
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def count(self, kind: str, n: int, template: str) -> None:
        """Warn that ``n`` more things of this kind happened; ``template`` takes one ``%d``."""
        with self._lock:
            total = self._held.get(kind, 0) + n
            now = time.monotonic()
            if now < self._next.get(kind, 0.0):
                self._held[kind] = total
                return
            self._held[kind] = 0
            self._next[kind] = now + self._interval_s
        logger.warning(template, total)
