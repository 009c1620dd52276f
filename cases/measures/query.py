"""What a request asks of a measure, read from the parameters of its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.errors import InvalidQuery
from cases.kpis import KpiQuery
from cases.measures.kind import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.flows.declarations import Calendar
    from cases.kpis import Window
    from cases.measures.measure import Measure


@dataclass(frozen=True, slots=True)
class MeasureQuery:
    """A window, a dimension to group by (None: none) and an aggregation (None: the default of the measure's kind).

    ``as_of`` is in nanoseconds: values of that instant or later are left out.
    """

    window: Window
    as_of: int
    group_by: str | None = None
    agg: str | None = None

    @classmethod
    def parse(cls, raw: Mapping[str, str | None], now: int, calendar: Calendar | None = None) -> MeasureQuery:
        """Read the words of a window (as :meth:`KpiQuery.parse`) and ``agg``. Raises InvalidQuery."""
        shared = KpiQuery.parse(raw, now, calendar)
        return cls(shared.window, shared.as_of, shared.group_by, raw.get("agg") or None)

    @property
    def until(self) -> int:
        """The end of what can be known of the window: its end, or ``as_of`` if that is earlier."""
        return min(self.window.end, self.as_of)

    def aggregation(self, measure: Measure) -> str:
        """The one to use. Raises InvalidQuery where ``measure`` has no such aggregation or dimension."""
        known = KINDS[measure.kind].aggregations
        if self.agg is not None and self.agg not in known:
            raise InvalidQuery(
                f"agg={self.agg} is not right for {measure.measure!r}, which is a {measure.kind}.",
                f"Use one of: {', '.join(known)}.",
            )
        if self.group_by and self.group_by not in measure.dims:
            hint = f"Use one of: {', '.join(measure.dims)}." if measure.dims else "It has none: leave group_by out."
            raise InvalidQuery(f"{measure.measure!r} has no dimension {self.group_by!r}.", hint)
        return self.agg or KINDS[measure.kind].default
