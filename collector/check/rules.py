"""The settings of the check, and which times of an item it accepts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Final, Self

from common.units import SECOND_NS

if TYPE_CHECKING:
    from collector.settings import CollectorSettings

_LAST_NS: Final = 2**63 - 1
"""In the year 2262. ClickHouse stores times as signed 64-bit nanoseconds."""


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """The times that are accepted, from ``earliest`` to ``latest`` in Unix nanoseconds.

    ``backwards``: nanoseconds by which an end may lie before its start.
    """

    earliest: int = 1
    latest: int = _LAST_NS
    backwards: int = 0

    def fault(self, time_ns: int, name: str) -> str:
        """Why the time of the field ``name`` is rejected; empty if it is accepted."""
        if self.earliest <= time_ns <= self.latest:
            return ""
        if not time_ns:
            return f"{name} is missing"
        return f"{name} is too {'old' if time_ns < self.earliest else 'far in the future'}"


@dataclass(frozen=True, slots=True)
class CheckRules:
    """The settings of the check (see ``CollectorSettings``). The defaults check only ids and the order of times."""

    max_items: int = 0
    backwards_s: float = 0
    future_s: float = 0
    oldest_year: int = 0

    @classmethod
    def of(cls, settings: CollectorSettings) -> Self:
        return cls(
            settings.max_spans_per_request,
            settings.end_before_start_s,
            settings.future_tolerance_s,
            settings.oldest_year,
        )

    def window(self, now_ns: int) -> TimeWindow:
        """The times that are accepted at ``now_ns`` (Unix nanoseconds)."""
        latest = min(_LAST_NS, now_ns + int(self.future_s * SECOND_NS)) if self.future_s else _LAST_NS
        return TimeWindow(_begin_of(self.oldest_year), latest, int(self.backwards_s * SECOND_NS))


@cache
def _begin_of(year: int) -> int:
    """The first Unix nanosecond of a year (UTC), but at least 1: a time of 0 is missing. 1 for the year 0."""
    return max(1, int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * SECOND_NS) if year else 1
