"""How much one key may send: requests a second and bytes a second, with a burst of some seconds' worth.

Each quota is kept as the instant up to which it is used (the generic cell rate algorithm): one number instead of a
count and a time, and no drift. Never more than ``rate x (elapsed + burst)`` passes, give or take a microsecond.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

from collector.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.principal import Principal

DEFAULT_BURST_S: Final = 10.0
_TIDY_ABOVE: Final = 1024
"""Keys kept in mind before those that have their whole burst again are forgotten."""

_ROUNDING_S: Final = 1e-6
"""Whoever waited as told must not be refused because a sum of fractions is off in its last digit."""


class _Used:
    """Until when (seconds on the clock) each quota of one key is used up."""

    __slots__ = ("bytes_until", "requests_until")

    def __init__(self) -> None:
        self.requests_until = -math.inf
        self.bytes_until = -math.inf


class Quotas:
    """The quotas of every key of one collector. ``clock`` gives monotonic seconds. Used from one event loop.

    ``burst_s``: seconds' worth of a quota that may come at once after a pause; one request may always.
    """

    def __init__(self, burst_s: float = DEFAULT_BURST_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst_s = burst_s
        self._clock = clock
        self._keys: dict[str, _Used] = {}
        self._tidy_above = _TIDY_ABOVE

    def take(self, principal: Principal, size: int) -> None:
        """Charge one request of ``size`` bytes to the sender's key.

        Raises Refusal ``quota_exceeded`` with the time after which it fits, or ``too_large`` if it never will; nothing
        is charged then. A sender without a key or without quotas passes.
        """
        now = self._clock()
        used = self._expect_room(principal, size, now)
        if used is None:
            return
        if principal.requests_per_s > 0:
            used.requests_until = max(used.requests_until, now) + 1 / principal.requests_per_s
        if principal.bytes_per_s > 0:
            used.bytes_until = max(used.bytes_until, now) + size / principal.bytes_per_s

    def expect_room(self, principal: Principal, size: int = 0) -> None:
        """Raise as :meth:`take` would and charge nothing; for the head of a request, so that its body is not read."""
        self._expect_room(principal, size, self._clock())

    def __len__(self) -> int:
        """Keys kept in mind."""
        return len(self._keys)

    def _expect_room(self, principal: Principal, size: int, now: float) -> _Used | None:
        if not principal.key_id or not (principal.requests_per_s > 0 or principal.bytes_per_s > 0):
            return None
        used = self._keys.get(principal.key_id) or self._add(principal.key_id, now)
        waits = 0.0
        if principal.requests_per_s > 0:
            one_s = 1 / principal.requests_per_s
            waits = _wait_s(used.requests_until, now, one_s, max(self._burst_s, one_s))
        if principal.bytes_per_s > 0:
            takes_s = size / principal.bytes_per_s
            if takes_s > self._burst_s:
                raise _never(principal, size, self._burst_s)
            waits = max(waits, _wait_s(used.bytes_until, now, takes_s, self._burst_s))
        if waits > _ROUNDING_S:
            raise _later(principal, waits)
        return used

    def _add(self, key_id: str, now: float) -> _Used:
        if len(self._keys) >= self._tidy_above:
            # Whoever has the whole burst again is as good as new. What stays are keys in use: no more than there are.
            self._keys = {
                key: used for key, used in self._keys.items() if max(used.requests_until, used.bytes_until) > now
            }
            self._tidy_above = max(_TIDY_ABOVE, 2 * len(self._keys))
        used = self._keys[key_id] = _Used()
        return used


def _wait_s(until: float, now: float, takes_s: float, burst_s: float) -> float:
    """Seconds until something that takes ``takes_s`` of the quota's time fits; 0 or less if it fits now."""
    return max(until, now) + takes_s - now - burst_s


def _later(principal: Principal, wait_s: float) -> Refusal:
    limits = []
    if principal.requests_per_s > 0:
        limits.append(f"{principal.requests_per_s:g} requests/s")
    if principal.bytes_per_s > 0:
        limits.append(f"{principal.bytes_per_s:g} bytes/s")
    return Refusal(
        "quota_exceeded",
        f"The key {principal.key_id} has used up its quota of {' and '.join(limits)}.",
        "Send it again later; larger batches need fewer requests. Or ask for a key with a higher quota.",
        retry_after_s=max(1, math.ceil(wait_s - _ROUNDING_S)),
    )


def _never(principal: Principal, size: int, burst_s: float) -> Refusal:
    most = int(principal.bytes_per_s * burst_s)
    return Refusal(
        "too_large",
        f"The request has {size} bytes; the key {principal.key_id} may send {most} bytes at once.",
        "Send smaller batches, or ask for a key with a higher quota.",
    )
