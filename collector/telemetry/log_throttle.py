"""Says the same thing seldom: a sender that is refused a thousand times a second must not fill the log lines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MOST: Final = 1000
"""Subjects kept in mind; beyond it all are forgotten, and said again at most once each."""


class LogThrottle:
    """Lets each subject through once in ``every_s`` seconds. ``clock`` gives monotonic seconds."""

    def __init__(self, every_s: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s = every_s
        self._clock = clock
        self._said: dict[Hashable, float] = {}

    def allows(self, *subject: Hashable) -> bool:
        """Whether it is time to speak of ``subject``; if so, it has been spoken of."""
        now = self._clock()
        if now - self._said.get(subject, -self._every_s) < self._every_s:
            return False
        if len(self._said) >= MOST:
            self._said.clear()
        self._said[subject] = now
        return True
