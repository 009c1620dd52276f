"""Cases in flight beside a cohort of ended ones: those open when a bucket closes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.kpis.answer import InFlight
from cases.kpis.question import Ask, Cell, cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.kpis.answer import Group
    from cases.kpis.window import Bucket


@dataclass(frozen=True, slots=True)
class OpenCases:
    """Open: started and not ended before the close, which is the bucket's end or ``as_of`` if that is earlier."""

    counts: Mapping[Cell, int]
    oldest: int | None
    until: int

    def count(self, bucket: Bucket | None, group: Group) -> int:
        """Cases of ``group`` open when ``bucket`` closes; of the window when it is None."""
        return self.counts.get((bucket.start if bucket else None, group), 0)

    def summary(self) -> InFlight:
        """Those open when the window closes."""
        return InFlight.since(self.count(None, ()), self.oldest, self.until)


def open_cases(ask: Ask) -> OpenCases:
    """Counts the cases in flight for each bucket and dimension value, and for the window."""
    changes: dict[Cell, int] = defaultdict(int)
    oldest: list[int] = []
    for row in ask.named_rows("kpis/in_flight"):
        group = ask.own_group(row["GroupValue"]) if ask.grouping == "dimension" else ()
        if row["Bucket"] == ask.query.window.end:
            oldest.append(row["Oldest"])
            continue
        for cell in cells(row["Bucket"], group):
            changes[cell] += row["Changes"]
    counts = _running(ask, changes)
    return OpenCases(counts, min(oldest, default=None), ask.query.until)


def _running(ask: Ask, changes: Mapping[Cell, int]) -> dict[Cell, int]:
    """Sums over the buckets up to each one. Under None stands the sum over all: what is open at the end."""
    counts = {cell: change for cell, change in changes.items() if cell[0] is None}
    for group in {group for _, group in changes}:
        running = 0
        for bucket in ask.query.window.buckets:
            running += changes.get((bucket.start, group), 0)
            counts[bucket.start, group] = running
    return counts
