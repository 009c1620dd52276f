"""Counts over the cases that started in the window, added up by bucket and group."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.kpis.answer import InFlight
from cases.kpis.ask import Ask, Cell, cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cases.kpis.answer import Group
    from store.client import Row


@dataclass(frozen=True, slots=True)
class Tally:
    """``counts`` by bucket and group; ``Cases`` and ``InFlight`` (of those cases, as of the query) are always there."""

    counts: Mapping[Cell, Counter[str]]
    groups: tuple[Group, ...]
    oldest: int | None

    @classmethod
    def of(cls, ask: Ask, rows: Iterable[Row], columns: Sequence[str]) -> Tally:
        """Add up ``columns`` of ``rows``, which also have Bucket, GroupValue, Cases, InFlight and Oldest."""
        counts: dict[Cell, Counter[str]] = defaultdict(Counter)
        oldest: list[int] = []
        for row in rows:
            numbers = {name: row[name] for name in ("Cases", "InFlight", *columns)}
            for cell in cells(row["Bucket"], ask.own_group(row["GroupValue"])):
                counts[cell].update(numbers)
            if row["InFlight"]:
                oldest.append(row["Oldest"])
        return cls(counts, tuple(sorted({group for _, group in counts if group} or {()})), min(oldest, default=None))

    @property
    def total_groups(self) -> list[Group]:
        """Everything first, then each group."""
        return [(), *(group for group in self.groups if group)]

    def in_flight(self, ask: Ask) -> InFlight:
        """The cases of the window that are in flight as of the query."""
        return InFlight.since(self.counts.get((None, ()), Counter())["InFlight"], self.oldest, ask.query.as_of)
