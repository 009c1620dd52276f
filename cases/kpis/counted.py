"""What the store counts for a KPI, by bucket and group."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.kpis import in_flight, statements
from cases.kpis.answer import InFlight
from cases.kpis.figures import Figures
from cases.kpis.question import Cell, Question, cells
from cases.kpis.statements import Groups

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
    when a bucket closes; None where the cases in flight are those of the cohort.
    """

    figures: Mapping[Cell, Figures]
    groups: tuple[Group, ...]
    totals: tuple[Group, ...]
    oldest: int | None
    still_open: OpenCases | None

    def at(self, bucket: Bucket | None, group: Group) -> Figures:
        return self.figures.get((bucket.start if bucket else None, group), Figures())

    def in_flight_n(self, bucket: Bucket | None, group: Group) -> int:
        """Cases in flight beside a point."""
        if self.still_open is None:
            return self.at(bucket, group).in_flight
        # An open case has no outcome yet: every outcome shows the same number of them.
        return self.still_open.count(bucket, tuple(pair for pair in group if pair[0] != "outcome"))

    def in_flight(self, as_of: int) -> InFlight:
        if self.still_open is not None:
            return self.still_open.summary()
        return InFlight.since(self.in_flight_n(None, ()), self.oldest, as_of)


def count(question: Question) -> Counted:
    """Read what is counted for ``question``."""
    if question.definition.rows_are == "things":
        return _things(question)
    return _places(question) if question.definition.places else _cases(question, question.split)


def levels(question: Question) -> list[int]:
    """The levels that differ: curves and distinct cases do not add up, so each level is computed, and none twice."""
    needed = [GROUP]
    if question.query.window.buckets:
        needed.insert(0, POINT)
    if question.split and question.grouping in {"dimension", "outcome"}:
        needed.append(OWN)
    if question.split or question.grouping in {"dimension", "outcome"}:
        needed.append(ALL)
    return needed


def cell_of(question: Question, row: Row) -> Cell:
    """The cell of a row that has a level."""
    own = () if row["Level"] == ALL else question.own_group(row["Own"])
    split = _split_group(question, row, question.split) if row["Level"] in {POINT, GROUP} else ()
    return (row["Bucket"] if row["Level"] == POINT else None), (*own, *split)


def own_groups(question: Question, by_cell: Mapping[Cell, object]) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """The groups in ``by_cell`` that have points, and those that have totals."""
    size = len(question.split) + (question.grouping in {"dimension", "outcome"})
    groups = sorted({group for _, group in by_cell if len(group) == size})
    shorter = sorted({group for _, group in by_cell if 0 < len(group) < size})
    totals = ((), *shorter, *(group for group in groups if group))
    return tuple(groups) if groups or question.split else ((),), totals


def _cases(question: Question, split: Sequence[str]) -> Counted:
    rows, names = _read(question)
    figures: dict[Cell, Figures] = defaultdict(Figures)
    for row in rows:
        group = (*question.own_group(row["Own"]), *_split_group(question, row, names, split))
        for cell in cells(row["Bucket"], group):
            figures[cell].add(question.definition, row)
    groups = sorted({group for _, group in figures if group})
    oldest = min((row["Oldest"] for row in rows if row["InFlight"]), default=None)
    still_open = in_flight.open_cases(question) if question.definition.at_close else None
    return Counted(figures, tuple(groups) if groups or split else ((),), ((), *groups), oldest, still_open)


def _read(question: Question) -> tuple[list[Row], tuple[str, ...]]:
    """Rows for all KPIs that are asked together, and how they are split: as finely as any of them needs."""
    together = question.together or (question.definition,)
    splits = [question.split_of(definition) for definition in together if not definition.places]
    names = tuple(dict.fromkeys(name for split in splits for name in split))
    return question.shared_rows(statements.counts(together, Groups(question.grouping, names))), names


def _places(question: Question) -> Counted:
    """Of everything: all cases of the cohort. Of a step and system: the cases there, which do not add up."""
    whole = _cases(question, ())
    figures = defaultdict(Figures, whole.figures)
    groups: set[Group] = set()
    for row in question.rows(statements.places(question.definition, question.groups)):
        group = (*question.own_group(row["Own"]), *_split_group(question, row, question.split))
        groups.add(group)
        for bucket in (row["Bucket"], None):
            figures[bucket, group].add(question.definition, row)
    ordered = tuple(sorted(groups))
    return Counted(figures, ordered, (*whole.totals, *ordered), whole.oldest, None)


def _things(question: Question) -> Counted:
    figures: dict[Cell, Figures] = defaultdict(Figures)
    oldest: int | None = None
    for row in question.rows(statements.things(question.definition, question.groups), levels=levels(question)):
        cell = cell_of(question, row)
        figures[cell].add(question.definition, row)
        if row["InFlight"] and not cell[1]:
            oldest = row["Oldest"]
    groups, totals = own_groups(question, figures)
    return Counted(figures, groups, totals, oldest, None)


def _split_group(question: Question, row: Row, names: Sequence[str], of: Sequence[str] | None = None) -> Group:
    """The split part of a row's group. ``names`` are the split columns that the row has, ``of`` those to take (all)."""
    taken = names if of is None else of
    columns = [(name, row[f"Split{index}"]) for index, name in enumerate(names)]
    return tuple((question.group_name(name), value) for name, value in columns if name in taken)
