"""Limits repeated log lines: a sender that is refused a thousand times a second must not fill the log."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MAX_SUBJECTS: Final = 1000
"""Subjects that are remembered. Beyond it all are forgotten, so each may be logged once more."""


class LogThrottle:
    """Allows one log line per subject in ``every_s`` seconds. ``clock`` returns monotonic seconds.

    ::

        if throttle.allows(key_id, refusal.code):
            log.warning(...)
    """

    def __init__(self, every_s: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s = every_s
        self._clock = clock
        self._last_logged: dict[Hashable, float] = {}

    def allows(self, *subject: Hashable) -> bool:
        """Whether a line about ``subject`` may be logged now. If so, it counts as logged."""
        now = self._clock()
        if now - self._last_logged.get(subject, -math.inf) < self._every_s:
            return False
        if len(self._last_logged) >= MAX_SUBJECTS:
            self._last_logged.clear()
        self._last_logged[subject] = now
        return True
