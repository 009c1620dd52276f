"""One question about one KPI, and what every KPI needs to answer it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from cases.errors import InvalidQuery
from cases.kpis import routing
from cases.kpis.links import Links
from cases.kpis.statements import Groups
from store.client import named_query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cases.flows.declarations.declaration import Declaration
    from cases.kpis.answer import Group, Value
    from cases.kpis.definition import Definition
    from cases.kpis.query import KpiQuery
    from cases.kpis.window import Bucket
    from store.client import Row, Store

Cell = tuple[int | None, "Group"]
"""A bucket's start (None: the whole window) and a group."""

MAX_GROUPS: Final = 500
"""No chart shows more lines than this; it also bounds what one question costs."""

MILLION: Final = 1_000_000
_MAX_ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Question:
    """``query`` about the KPI ``definition`` in ``flow`` of ``tenant``; ``declaration`` is None for an undeclared flow.

    ``together`` are the KPIs that are answered from one reading of the cases, this one among them. ``cache`` holds rows
    that one page needs more than once.
    """

    store: Store
    tenant: str
    flow: str
    definition: Definition
    query: KpiQuery
    declaration: Declaration | None = None
    together: tuple[Definition, ...] = ()
    cache: dict[tuple[str, str], list[Row]] = field(default_factory=dict, compare=False)

    @property
    def links(self) -> Links:
        return Links(self.flow, self.definition.kpi, self.query)

    @property
    def grouping(self) -> str:
        """What ``group_by`` adds to the split, see :meth:`Definition.grouping`."""
        return self.definition.grouping(self.query.group_by)

    @property
    def split(self) -> tuple[str, ...]:
        """The columns that each group of this KPI has beside the dimension asked for."""
        return self.split_of(self.definition)

    @property
    def groups(self) -> Groups:
        """By what its statements group."""
        return Groups(self.grouping, self.split)

    def split_of(self, definition: Definition) -> tuple[str, ...]:
        """As ``split``, of a KPI that is asked together with this one."""
        split = definition.split_for(self.query.group_by)
        return split if self.declaration and self.declaration.routing else tuple(n for n in split if n != "route")

    def group_name(self, column: str) -> str:
        """The name in a group of a column of the split: a route goes by the name of its dimension."""
        routing = self.declaration.routing if self.declaration else None
        return routing.dimension if routing and column == "route" else column

    def shared_rows(self, sql: str, **params: object) -> list[Row]:
        """As :meth:`rows`, but the store is asked once for all questions that share ``cache``."""
        key = sql, repr((self.query, self.grouping, sorted(params.items())))
        if key not in self.cache:
            self.cache[key] = self.rows(sql, **params)
        return self.cache[key]

    def named_rows(self, name: str) -> list[Row]:
        """The rows of a named statement; asked once for all questions that share ``cache``."""
        return self.shared_rows(named_query(name))

    def rows(self, sql: str, **params: object) -> list[Row]:
        """The rows of a statement under the parameters that all KPI statements share. Raises InvalidQuery."""
        shared = {"tenant": self.tenant, "flow": self.flow, "limit": _MAX_ROWS + 1, **self.params()}
        rows = self.store.rows(sql, **(shared | params))
        if len(rows) > _MAX_ROWS:
            raise self._too_many(f"more than {_MAX_ROWS} groups and buckets")
        return rows

    def params(self) -> dict[str, object]:
        """Window, grouping and what the flow declares, as parameters."""
        return {
            **self.query.params(),
            **self.definition.params(self.query.group_by),
            **routing.params(self.declaration, self.query.window),
        }

    def own_group(self, value: str) -> Group:
        """The group of a row whose value of the dimension or outcome asked for is ``value``."""
        return ((str(self.query.group_by), value),) if self.grouping in {"dimension", "outcome"} else ()

    def grid(self, groups: Iterable[Group]) -> Iterator[tuple[Bucket, Group]]:
        """Each bucket with each group, so that a week without cases shows as one. Raises InvalidQuery for too many."""
        ordered = sorted(set(groups))
        if len(ordered) > MAX_GROUPS:
            raise self._too_many(f"{len(ordered)} groups; {MAX_GROUPS} can be answered")
        return ((bucket, group) for bucket in self.query.window.buckets for group in ordered)

    def _too_many(self, what: str) -> InvalidQuery:
        hint = "Group by a dimension with fewer values, or choose a shorter window or a larger interval."
        by = self.query.group_by or " and ".join(self.definition.split)
        return InvalidQuery(f"Grouped by {by} there are {what}.", hint)


def cells(bucket: int, group: Group) -> set[Cell]:
    """The four cells to which a count in ``bucket`` for ``group`` belongs, or fewer where they coincide."""
    return {(bucket, group), (None, group), (bucket, ()), (None, ())}


def ratio(part: int, whole: int, scale: int = 1) -> float | None:
    """``scale * part / whole``, rounded once; None where there is nothing to divide by."""
    return float(Fraction(scale * part, whole)) if whole else None


def shared_count(millionths: int) -> Value:
    """A number of attempts from its millionths: an int where it is whole."""
    return millionths // MILLION if millionths % MILLION == 0 else millionths / MILLION
