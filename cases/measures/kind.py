"""What kinds of measure there are, and which aggregations are right for each.

OpenTelemetry tells them apart: a gauge is what cannot be added up (a temperature, a rate); a sum is what can. A sum
is sent as what changed since the last report (delta) or as the total since a start (cumulative), and only grows
(monotonic) or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VERSION: Final = "1"
"""Of the definitions below; a change of meaning is a new version."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``aggregations`` are the meanings by name; the first one is the default."""

    name: str
    aggregations: dict[str, str]

    @property
    def default(self) -> str:
        return next(iter(self.aggregations))


_GAUGE: Final = Kind(
    "gauge",
    {
        "last": "The last value of the bucket; of several series the mean of their last values, for a gauge cannot be "
        "added up.",
        "avg": "The mean of all values of the bucket, of whichever series.",
        "min": "The smallest value of the bucket, of whichever series.",
        "max": "The largest value of the bucket, of whichever series.",
    },
)
_DELTA: Final = Kind(
    "delta",
    {"sum": "The sum of what was reported. A report counts in the bucket in which the time it is about ends."},
)
_COUNTER: Final = Kind(
    "counter",
    {
        "increase": "By how much the counter grew. What grew between two values of one start counts in the bucket of "
        "the later one. After a reset (another start, or a smaller value) it counts from 0. The first value of a start "
        "that is known counts whole, of one that is not known not at all."
    },
)
_LEVEL: Final = Kind(
    "level",
    {
        "last": "The last value of the bucket, added up over the series that have one in it.",
        "min": "The smallest value of the bucket of any one series.",
        "max": "The largest value of the bucket of any one series.",
    },
)

KINDS: Final = {kind.name: kind for kind in (_GAUGE, _DELTA, _COUNTER, _LEVEL)}
"""gauge; delta sum; cumulative monotonic sum (counter); cumulative sum that also falls (level)."""
