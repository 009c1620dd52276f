"""The answer of a measure: its values and everything needed to judge them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cases import instants
from cases.measures.kind import KINDS, VERSION

if TYPE_CHECKING:
    from cases.kpis import Bucket, Group
    from cases.measures.measure import Measure
    from cases.measures.query import MeasureQuery
    from cases.measures.value import Number


@dataclass(frozen=True, slots=True)
class MeasurePoint:
    """The value of one bucket (None: the whole window) and group, out of ``n`` values of ``series`` series.

    ``value`` is None where nothing was reported.
    """

    bucket: Bucket | None
    group: Group
    n: int
    series: int
    value: Number | None

    def to_json(self) -> dict[str, Any]:
        return {
            "bucket": self.bucket.label if self.bucket else None,
            "bucket_start": instants.rfc3339(self.bucket.start) if self.bucket else None,
            "bucket_end": instants.rfc3339(self.bucket.end) if self.bucket else None,
            "group": dict(self.group),
            "n": self.n,
            "series": self.series,
            "value": self.value,
        }


@dataclass(frozen=True, slots=True)
class MeasureAnswer:
    """A measure over a window: ``totals`` of all of it, everything first, ``points`` per bucket and group."""

    measure: Measure
    flow: str
    query: MeasureQuery
    agg: str
    totals: tuple[MeasurePoint, ...]
    points: tuple[MeasurePoint, ...]

    def to_json(self) -> dict[str, Any]:
        """Dicts, lists, strings, numbers and None only."""
        return {
            "measure": self.measure.measure,
            "flow": self.flow,
            "kind": self.measure.kind,
            "unit": self.measure.unit,
            "agg": self.agg,
            "aggregations": list(self.measure.aggregations),
            "definition": {"version": VERSION, "text": KINDS[self.measure.kind].aggregations[self.agg]},
            "window": self.query.window.to_json(),
            "dims": list(self.measure.dims),
            "n": self.totals[0].n,
            "series": self.totals[0].series,
            "totals": [point.to_json() for point in self.totals],
            "points": [point.to_json() for point in self.points],
            "as_of": instants.rfc3339(self.query.as_of),
        }
