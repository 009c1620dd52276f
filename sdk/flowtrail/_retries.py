"""When a batch that the receiver did not take is tried again.

OpenTelemetry's exporter sleeps through a flush and gives up what waits when it is shut down, though the receiver may be
back by then. Here a pause ends early for whoever waits: a flush, or the end of the process.
"""

from __future__ import annotations

import math
import random
import threading
import time
from typing import Final

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 5.0
SHORT_PAUSE_S: Final = 0.2


def growing(failures: int) -> float:
    """The pause after so many failures: 0.2 s, doubled up to 5 s, spread so that clients do not return together."""
    pause = min(LONGEST_PAUSE_S, math.ldexp(FIRST_PAUSE_S, min(failures - 1, 16)))
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - a spread, not a secret


class Retries:
    """Pauses between tries; growing ones, or short ones as long as somebody waits. Times are ``time.monotonic()``."""

    def __init__(self) -> None:
        self._woken = threading.Condition()
        self._hurried_until = -math.inf
        self._end = math.inf

    def hurry(self, until: float, *, last: bool = False) -> None:
        """Somebody waits until then: what pauses is tried again at once. ``last``: nothing is tried after that."""
        with self._woken:
            self._hurried_until = max(self._hurried_until, until)
            if last:
                self._end = min(self._end, until)
            self._woken.notify_all()

    def left(self, deadline: float) -> float:
        """Seconds that a try may take."""
        return min(deadline, self._end) - time.monotonic()

    def pause(self, failures: int, asked_s: float | None, deadline: float) -> bool:
        """Wait until the next try is due, ``False`` as soon as that would be too late.

        ``asked_s`` is what the receiver asked for. That is kept even when somebody waits.
        """
        now = time.monotonic()
        hurried = now + max(SHORT_PAUSE_S, asked_s or 0.0)
        usual = hurried if asked_s is not None else now + growing(failures)
        with self._woken:
            while True:
                due = hurried if now < self._hurried_until else usual
                if due >= min(deadline, self._end):
                    return False
                if due <= now:
                    return True
                self._woken.wait(due - now)
                now = time.monotonic()
