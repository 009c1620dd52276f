"""What the store counts for a KPI, by bucket and group."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.kpis import in_flight, statements
from cases.kpis.answer import InFlight
from cases.kpis.figures import Figures
from cases.kpis.question import Ask, Cell, cells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cases.kpis.answer import Group
    from cases.kpis.in_flight import OpenCases
    from cases.kpis.window import Bucket
    from store.client import Row

POINT, GROUP, OWN, ALL = 0, 1, 2, 3
"""Levels of totals: bucket and group, group, the group without its split, everything."""


@dataclass(frozen=True, slots=True)
class Counted:
    """``figures`` by bucket and group. ``groups`` have points, ``totals`` have totals; () is everything.

    ``oldest``: when the oldest case in flight of the cohort started, in nanoseconds. ``still_open``: the cases open
    when a bucket closes, None where in flight are those of the cohort.
    """

    figures: Mapping[Cell, Figures]
    groups: tuple[Group, ...]
    totals: tuple[Group, ...]
    oldest: int | None
    still_open: OpenCases | None

    def at(self, bucket: Bucket | None, group: Group) -> Figures:
        return self.figures.get((bucket.start if bucket else None, group), Figures())

    def in_flight_n(self, bucket: Bucket | None, group: Group) -> int:
        """Beside a point. Open cases have no outcome yet, so that each outcome has the same number of them."""
        if self.still_open is None:
            return self.at(bucket, group).in_flight
        return self.still_open.count(bucket, tuple(pair for pair in group if pair[0] != "outcome"))

    def in_flight(self, as_of: int) -> InFlight:
        if self.still_open is not None:
            return self.still_open.summary()
        return InFlight.since(self.in_flight_n(None, ()), self.oldest, as_of)


def count(ask: Ask) -> Counted:
    """Read what is counted for ``ask``."""
    if ask.definition.rows_are == "things":
        return _things(ask)
    return _places(ask) if ask.definition.places else _cases(ask, ask.split)


def levels(ask: Ask) -> list[int]:
    """The levels that differ: curves and distinct cases do not add up, but none is computed twice."""
    found = [GROUP]
    if ask.query.window.buckets:
        found.insert(0, POINT)
    if ask.split and ask.grouping in {"dimension", "outcome"}:
        found.append(OWN)
    if ask.split or ask.grouping in {"dimension", "outcome"}:
        found.append(ALL)
    return found


def cell_of(ask: Ask, row: Row) -> Cell:
    """Where a row with a level belongs."""
    own = () if row["Level"] == ALL else ask.own_group(row["Own"])
    split = _split_group(ask, row, ask.split) if row["Level"] in {POINT, GROUP} else ()
    return (row["Bucket"] if row["Level"] == POINT else None), (*own, *split)


def own_groups(ask: Ask, found: Mapping[Cell, object]) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """The groups that have points and those that have totals."""
    size = len(ask.split) + (ask.grouping in {"dimension", "outcome"})
    groups = sorted({group for _, group in found if len(group) == size})
    shorter = sorted({group for _, group in found if 0 < len(group) < size})
    return tuple(groups) if groups or ask.split else ((),), ((), *shorter, *(group for group in groups if group))


def _cases(ask: Ask, split: Sequence[str]) -> Counted:
    rows, names = _read(ask)
    found: dict[Cell, Figures] = defaultdict(Figures)
    for row in rows:
        group = (*ask.own_group(row["Own"]), *_split_group(ask, row, names, split))
        for cell in cells(row["Bucket"], group):
            found[cell].add(ask.definition, row)
    groups = sorted({group for _, group in found if group})
    oldest = min((row["Oldest"] for row in rows if row["InFlight"]), default=None)
    still_open = in_flight.open_cases(ask) if ask.definition.at_close else None
    return Counted(found, tuple(groups) if groups or split else ((),), ((), *groups), oldest, still_open)


def _read(ask: Ask) -> tuple[list[Row], tuple[str, ...]]:
    """Rows for all that are asked together, and how they are split: as finely as any of them needs."""
    together = ask.together or (ask.definition,)
    names = tuple(dict.fromkeys(name for one in together if not one.places for name in ask.split_of(one)))
    return ask.shared_rows(statements.counts(together, ask.grouping, names)), names


def _places(ask: Ask) -> Counted:
    """Of everything: all cases of the cohort. Of a step and system: the cases there, which do not add up."""
    whole = _cases(ask, ())
    found = defaultdict(Figures, whole.figures)
    groups: set[Group] = set()
    for row in ask.rows(statements.places(ask.definition, ask.grouping, ask.split)):
        group = (*ask.own_group(row["Own"]), *_split_group(ask, row, ask.split))
        groups.add(group)
        for bucket in (row["Bucket"], None):
            found[bucket, group].add(ask.definition, row)
    ordered = tuple(sorted(groups))
    return Counted(found, ordered, (*whole.totals, *ordered), whole.oldest, None)


def _things(ask: Ask) -> Counted:
    found: dict[Cell, Figures] = defaultdict(Figures)
    oldest: int | None = None
    for row in ask.rows(statements.things(ask.definition, ask.grouping, ask.split), levels=levels(ask)):
        cell = cell_of(ask, row)
        found[cell].add(ask.definition, row)
        if row["InFlight"] and not cell[1]:
            oldest = row["Oldest"]
    groups, totals = own_groups(ask, found)
    return Counted(found, groups, totals, oldest, None)


def _split_group(ask: Ask, row: Row, names: Sequence[str], wanted: Sequence[str] | None = None) -> Group:
    """The part of a row's group that tells its split: the ``wanted`` of the columns ``names`` that the rows have."""
    wanted = names if wanted is None else wanted
    return tuple((ask.group_name(name), row[f"Split{index}"]) for index, name in enumerate(names) if name in wanted)
