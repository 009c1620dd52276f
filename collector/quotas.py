"""How much one key may send: requests per second and bytes per second, with a burst.

The state of a quota is one number, the instant up to which it is used (the generic cell rate algorithm). It replaces a
count and a time, and it does not drift. At most ``rate x (elapsed + burst)`` passes, give or take a microsecond.

For example, at 2 requests per second each request uses 0.5 s. After ten requests at once the quota is used for the next
5 s, and with a burst of 5 s an eleventh request has to wait 0.5 s.
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
"""Above this many keys, those whose burst is full again are forgotten."""

_ROUNDING_S: Final = 1e-6
"""A sender that waited as long as it was asked to must not be refused because of a rounding error."""


class _Used:
    """Until when (seconds on the clock) each quota of one key is used up."""

    __slots__ = ("bytes_until", "requests_until")

    def __init__(self) -> None:
        self.requests_until = -math.inf
        self.bytes_until = -math.inf


class Quotas:
    """The quotas of all keys of one collector. ``clock`` returns monotonic seconds. Used from one event loop.

    ``burst_s``: after a pause, a key may send as much at once as its quota allows in so many seconds, and always at
    least one request.
    """

    def __init__(self, burst_s: float = DEFAULT_BURST_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst_s = burst_s
        self._clock = clock
        self._keys: dict[str, _Used] = {}
        self._tidy_above = _TIDY_ABOVE

    def take(self, principal: Principal, size: int) -> None:
        """Charge one request of ``size`` bytes to the sender's key.

        Raises Refusal ``quota_exceeded`` with the time after which the request fits, or ``too_large`` if it never fits.
        A refused request is not charged. A sender without a key or without quotas passes.
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
        """Raise what :meth:`take` would raise, but charge nothing. Called before the body of a request is read."""
        self._expect_room(principal, size, self._clock())

    def __len__(self) -> int:
        """The number of keys whose use is known."""
        return len(self._keys)

    def _expect_room(self, principal: Principal, size: int, now: float) -> _Used | None:
        if not principal.key_id or not (principal.requests_per_s > 0 or principal.bytes_per_s > 0):
            return None
        used = self._keys.get(principal.key_id) or self._add(principal.key_id, now)
        waits = 0.0  # the longest of both waits decides
        if principal.requests_per_s > 0:
            request_s = 1 / principal.requests_per_s
            # A burst shorter than one request's share would let nothing through at all.
            waits = _wait_s(used.requests_until, now, request_s, max(self._burst_s, request_s))
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
            # A key whose burst is full again is like one that was never seen. Those that stay are in use now.
            self._keys = {
                key: used for key, used in self._keys.items() if max(used.requests_until, used.bytes_until) > now
            }
            self._tidy_above = max(_TIDY_ABOVE, 2 * len(self._keys))
        used = self._keys[key_id] = _Used()
        return used


def _wait_s(until: float, now: float, takes_s: float, burst_s: float) -> float:
    """Seconds until a request that uses ``takes_s`` of the quota's time fits; 0 or less if it fits now."""
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
