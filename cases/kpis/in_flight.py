"""Cases in flight beside a cohort of ended ones: those open when a bucket closes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.kpis.answer import InFlight
from cases.kpis.question import Cell, Question, cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.kpis.answer import Group
    from cases.kpis.window import Bucket


@dataclass(frozen=True, slots=True)
class OpenCases:
    """Cases that had started and not ended when a bucket closed: at its end, or at ``as_of`` if that is earlier.

    ``oldest`` is the start of the oldest case open when the window closes, at ``until``; both in nanoseconds.
    """

    counts: Mapping[Cell, int]
    oldest: int | None
    until: int

    def count(self, bucket: Bucket | None, group: Group) -> int:
        """Cases of ``group`` open when ``bucket`` closes; of the window when it is None."""
        return self.counts.get((bucket.start if bucket else None, group), 0)

    def summary(self) -> InFlight:
        """Those open when the window closes."""
        return InFlight.since(self.count(None, ()), self.oldest, self.until)


def open_cases(question: Question) -> OpenCases:
    """Count the cases in flight for each bucket and dimension value, and for the window."""
    changes: dict[Cell, int] = defaultdict(int)
    oldest: list[int] = []
    for row in question.named_rows("kpis/in_flight"):
        group = question.own_group(row["GroupValue"]) if question.grouping == "dimension" else ()
        # The end of the window is no bucket: under it stand the cases that are still open then.
        if row["Bucket"] == question.query.window.end:
            oldest.append(row["Oldest"])
            continue
        for cell in cells(row["Bucket"], group):
            changes[cell] += row["Changes"]
    counts = _running(question, changes)
    return OpenCases(counts, min(oldest, default=None), question.query.until)


def _running(question: Question, changes: Mapping[Cell, int]) -> dict[Cell, int]:
    """The sum of changes up to each bucket. Under None stands the sum of all: what is open at the end."""
    counts = {cell: change for cell, change in changes.items() if cell[0] is None}
    for group in {group for _, group in changes}:
        running = 0
        for bucket in question.query.window.buckets:
            running += changes.get((bucket.start, group), 0)
            counts[bucket.start, group] = running
    return counts
