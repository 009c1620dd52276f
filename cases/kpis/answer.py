"""The answer of a KPI: its figures and everything needed to judge them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cases import instants

if TYPE_CHECKING:
    from cases.kpis.definition import Definition, KpiMeasure
    from cases.kpis.window import Bucket, Window

Group = tuple[tuple[str, str], ...]
"""Names and values, such as ``(("channel", "web"), ("outcome", "completed"))``; () is everything."""

Value = int | float | str | None
"""Money is a string, exact to the store's six decimal places; None where there is no figure."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """Cases that have not ended: how many, and the age in seconds of the oldest of them (None when there is none)."""

    n: int
    oldest_age_s: float | None

    @classmethod
    def since(cls, n: int, oldest: int | None, at: int) -> InFlight:
        """``oldest``: when the oldest of ``n`` cases started. ``at``: the instant of the age. Both in nanoseconds."""
        if not n or oldest is None:
            return cls(0, None)
        return cls(n, (at - oldest) / instants.SECOND)


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of a bucket and a group, or of the whole window when ``bucket`` is None.

    ``bounds``: seconds that a time is longer than ("> X so far"), where the Kaplan-Meier curve does not reach it.
    """

    bucket: Bucket | None
    group: Group
    n: int
    in_flight_n: int
    unknown_actor_n: int | None
    values: dict[str, Value]
    cases_url: str
    bounds: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The contract's ``Point``."""
        return {
            "bucket": self.bucket.label if self.bucket else None,
            "bucket_start": instants.rfc3339(self.bucket.start) if self.bucket else None,
            "bucket_end": instants.rfc3339(self.bucket.end) if self.bucket else None,
            "group": dict(self.group),
            "n": self.n,
            "in_flight_n": self.in_flight_n,
            "unknown_actor_n": self.unknown_actor_n,
            "values": dict(self.values),
            "bounds": {measure: {"at_least": seconds} for measure, seconds in self.bounds.items()},
            "cases_url": self.cases_url,
        }


@dataclass(frozen=True, slots=True)
class KpiAnswer:
    """A KPI over a window: ``totals`` of all of it, ``points`` per bucket and group. ``as_of`` is in nanoseconds."""

    definition: Definition
    flow: str
    window: Window
    measures: tuple[KpiMeasure, ...]
    n: int
    in_flight: InFlight
    unknown_actor_n: int | None
    totals: tuple[Point, ...]
    points: tuple[Point, ...]
    cases_url: str
    as_of: int
    currencies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    previous: KpiAnswer | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's ``KpiAnswer``: dicts, lists, strings, numbers and None only."""
        return {
            "kpi": self.definition.kpi,
            "title": self.definition.title,
            "definition": {"version": self.definition.version, "text": self.definition.text},
            "flow": self.flow,
            "window": self.window.to_json(),
            "cohort": self.definition.cohort,
            "unit": self.definition.unit,
            "currencies": list(self.currencies),
            "n": self.n,
            "in_flight": {"n": self.in_flight.n, "oldest_age_s": self.in_flight.oldest_age_s},
            "unknown_actor_n": self.unknown_actor_n,
            "measures": [measure.to_json() for measure in self.measures],
            "totals": [point.to_json() for point in self.totals],
            "points": [point.to_json() for point in self.points],
            "cases_url": self.cases_url,
            "as_of": instants.rfc3339(self.as_of),
            "groupings": sorted(self.definition.groupings),
            "bands": [{"id": band, "title": title} for band, title in self.definition.bands.items()],
            "notes": list(self.notes),
            "previous": self.previous.as_previous() if self.previous else None,
        }

    def as_previous(self) -> dict[str, Any]:
        """The contract's ``PreviousPeriod``: the totals with which another answer's are compared."""
        return {
            "window": self.window.to_json(),
            "as_of": instants.rfc3339(self.as_of),
            "n": self.n,
            "in_flight": {"n": self.in_flight.n, "oldest_age_s": self.in_flight.oldest_age_s},
            "unknown_actor_n": self.unknown_actor_n,
            "totals": [point.to_json() for point in self.totals],
            "cases_url": self.cases_url,
        }
