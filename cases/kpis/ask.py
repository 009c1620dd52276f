"""One question about one KPI, and what every KPI needs to answer it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from cases.errors import InvalidQuery
from cases.kpis.links import Links

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cases.kpis.answer import Group, Value
    from cases.kpis.definitions import Definition
    from cases.kpis.query import KpiQuery
    from cases.kpis.window import Bucket
    from store.client import Row, Store

Cell = tuple[int | None, "Group"]
"""A bucket's start (None: the whole window) and a group."""

MAX_GROUPS: Final = 500
"""More lines than this no chart shows; it also bounds what one question costs."""

MILLION: Final = 1_000_000
_MAX_ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Ask:
    """``query`` about the KPI ``definition`` in ``flow`` of ``tenant``.

    ``known`` holds the rows of statements that take no other parameters, for KPIs of one page that need the same.
    """

    store: Store
    tenant: str
    flow: str
    definition: Definition
    query: KpiQuery
    known: dict[tuple[str, KpiQuery], list[Row]] = field(default_factory=dict, compare=False)

    @property
    def links(self) -> Links:
        return Links(self.flow, self.definition.kpi, self.query)

    def shared_rows(self, statement: str) -> list[Row]:
        """As :meth:`rows`, but the store is asked once for all that share ``known``."""
        key = statement, self.query
        if key not in self.known:
            self.known[key] = self.rows(statement)
        return self.known[key]

    def rows(self, statement: str, **params: object) -> list[Row]:
        """The rows of a named statement under the parameters that all KPI statements share."""
        shared = {"tenant": self.tenant, "flow": self.flow, "limit": _MAX_ROWS + 1, **self.query.params()}
        rows = self.store.query(statement, **(shared | params))
        if len(rows) > _MAX_ROWS:
            raise self._too_many(f"more than {_MAX_ROWS} groups and buckets")
        return rows

    def own_group(self, value: str) -> Group:
        """The group of a row whose ``GroupValue`` is ``value``."""
        if self.query.grouping not in ("dimension", "outcome"):
            return ()
        return ((str(self.query.group_by), value),)

    def grid(self, groups: Iterable[Group]) -> Iterator[tuple[Bucket, Group]]:
        """Each bucket with each group, so that a week without cases shows as one. Raises InvalidQuery for too many."""
        ordered = sorted(set(groups))
        if len(ordered) > MAX_GROUPS:
            raise self._too_many(f"{len(ordered)} groups; {MAX_GROUPS} can be answered")
        return ((bucket, group) for bucket in self.query.window.buckets for group in ordered)

    def _too_many(self, what: str) -> InvalidQuery:
        hint = "Group by a dimension with fewer values, or choose a shorter window or a larger interval."
        return InvalidQuery(f"Grouped by {self.query.group_by or 'step and system'} there are {what}.", hint)


def cells(bucket: int, group: Group) -> set[Cell]:
    """The four places where what was counted in ``bucket`` for ``group`` belongs, or fewer where they coincide."""
    return {(bucket, group), (None, group), (bucket, ()), (None, ())}


def ratio(part: int, whole: int, scale: int = 1) -> float | None:
    """``scale * part / whole``, rounded once; None where there is nothing to divide by."""
    return float(Fraction(scale * part, whole)) if whole else None


def shared_count(millionths: int) -> Value:
    """A number of attempts from its millionths: whole where it is whole."""
    return millionths // MILLION if millionths % MILLION == 0 else millionths / MILLION
