"""How many wrong keys an address has sent lately, so that guessing is slow and seen."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_ONCE: Final = 20.0
_PER_S: Final = 1.0
_ADDRESSES: Final = 10_000
"""Addresses that are remembered. Beyond it the one that has been quiet for longest is forgotten."""


class WrongKeys:
    """Counts wrong keys by address: 20 at once, then one a second. ``clock`` returns monotonic seconds. Thread-safe.

    Only refusals are slowed. A key that counts is let in from any address, so nobody can lock out others.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def note(self, peer: str) -> bool:
        """Count a wrong key from ``peer``; returns whether that was one too many."""
        with self._lock:
            now = self._clock()
            left, at = self._left.pop(peer, (_AT_ONCE, now))
            left = min(_AT_ONCE, left + (now - at) * _PER_S) - 1
            self._left[peer] = (max(left, -1.0), now)
            if len(self._left) > _ADDRESSES:
                self._left.popitem(last=False)
        return left < 0
