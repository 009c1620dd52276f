"""How many batches wait for the fold, and for how long. Counted here, so that nobody has to query the store."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MOST: Final = 100_000
"""Batches whose times are kept; a fold that is so far behind needs help anyway."""


class Backlog:
    """The arrival times of the batches that are not folded yet. ``clock`` gives monotonic seconds. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._arrivals: deque[float] = deque()
        self._began = 0.0

    def arrived(self, batches: int = 1) -> None:
        """More batches wait."""
        with self._lock:
            now = self._clock()
            self._arrivals.extend([now] * min(batches, MOST - len(self._arrivals)))

    def begin(self) -> None:
        """A run of the fold begins. It takes the oldest of the batches that wait now."""
        with self._lock:
            self._began = self._clock()

    def end(self, folded: int, *, everything: bool) -> None:
        """The run has folded so many batches; ``everything``: all that waited when it began."""
        with self._lock:
            for _ in range(min(folded, len(self._arrivals))):
                self._arrivals.popleft()
            # A count that is too high, after a restart for example, must not stay for ever.
            while everything and self._arrivals and self._arrivals[0] < self._began:
                self._arrivals.popleft()

    @property
    def batches(self) -> int:
        """Batches that wait or are being folded."""
        return len(self._arrivals)

    @property
    def oldest_s(self) -> float:
        """Seconds that the oldest batch has waited; 0 when none waits."""
        with self._lock:
            return self._clock() - self._arrivals[0] if self._arrivals else 0.0
