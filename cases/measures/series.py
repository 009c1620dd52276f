"""A measure over a window: the store sums up each bucket and series, and Python combines them exactly."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from cases.errors import InvalidQuery
from cases.kpis.question import MAX_GROUPS, Cell, cells
from cases.measures.answer import MeasureAnswer, MeasurePoint
from cases.measures.measure import stored_flow
from cases.measures.value import exact, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cases.kpis import Bucket, Group
    from cases.measures.measure import Measure
    from cases.measures.query import MeasureQuery
    from cases.measures.value import Number
    from store.client import Row, Store

_MAX_ROWS: Final = 200_000
_ZERO: Final = Fraction(0)


@dataclass(slots=True)
class _Partial:
    """What one series reported in a bucket or several: ``last`` is the value at ``last_at`` (nanoseconds)."""

    n: int
    total: Fraction
    least: Fraction
    most: Fraction
    last: Fraction
    last_at: int

    def add(self, other: _Partial) -> None:
        self.n += other.n
        self.total += other.total
        self.least = min(self.least, other.least)
        self.most = max(self.most, other.most)
        if other.last_at > self.last_at:
            self.last, self.last_at = other.last, other.last_at


_Cells = dict[Cell, dict[Any, _Partial]]


def answer(store: Store, tenant: str, flow: str, measure: Measure, query: MeasureQuery) -> MeasureAnswer:
    """``measure`` of ``flow`` per bucket and group. Raises InvalidQuery for what has no meaning for it."""
    agg = query.aggregation(measure)
    by_cell = _cells(query, _rows(store, tenant, flow, measure, query))
    groups = sorted({group for _, group in by_cell if group}) or [()]
    if len(groups) > MAX_GROUPS:
        raise _too_many(query, f"{len(groups)} groups; {MAX_GROUPS} can be answered")
    totals = [(), *(group for group in groups if group)]
    value = _VALUES[measure.kind, agg]

    def point(bucket: Bucket | None, group: Group) -> MeasurePoint:
        parts = list(by_cell.get((bucket.start if bucket else None, group), {}).values())
        n = sum(part.n for part in parts)
        return MeasurePoint(bucket, group, n, len(parts), value(parts) if parts else None)

    return MeasureAnswer(
        measure=measure,
        flow=flow,
        query=query,
        agg=agg,
        totals=tuple(point(None, group) for group in totals),
        points=tuple(point(bucket, group) for bucket in query.window.buckets for group in groups),
    )


def _rows(store: Store, tenant: str, flow: str, measure: Measure, query: MeasureQuery) -> list[Row]:
    rows = store.query(
        "measures/counter" if measure.kind == "counter" else "measures/values",
        tenant=tenant,
        flow=stored_flow(flow),
        measure=measure.measure,
        kind=measure.kind,
        unit=measure.unit,
        edges=query.window.edges,
        since=query.window.start,
        until=query.until,
        dimension=query.group_by or "",
        limit=_MAX_ROWS + 1,
    )
    if len(rows) > _MAX_ROWS:
        raise _too_many(query, f"more than {_MAX_ROWS} series and buckets")
    return rows


def _cells(query: MeasureQuery, rows: Iterable[Row]) -> _Cells:
    by_cell: _Cells = defaultdict(dict)
    for row in rows:
        group = ((query.group_by, row["GroupValue"]),) if query.group_by else ()
        for cell in cells(row["Bucket"], group):
            known = by_cell[cell].get(row["Series"])
            if known:
                known.add(_partial(row))
            else:
                by_cell[cell][row["Series"]] = _partial(row)
    return by_cell


def _partial(row: Row) -> _Partial:
    total, least, most, last = (Fraction(row[name]) for name in ("Total", "Least", "Most", "Last"))
    return _Partial(row["Points"], total, least, most, last, row["LastNs"])


def _too_many(query: MeasureQuery, what: str) -> InvalidQuery:
    hint = "Group by a dimension with fewer values, or choose a shorter window or a larger interval."
    return InvalidQuery(f"Grouped by {query.group_by or 'nothing'} there are {what}.", hint)


def _sum(parts: Sequence[_Partial]) -> Number:
    return exact(sum((part.total for part in parts), start=_ZERO))


def _last_sum(parts: Sequence[_Partial]) -> Number:
    return exact(sum((part.last for part in parts), start=_ZERO))


def _last_mean(parts: Sequence[_Partial]) -> Number:
    return rounded(sum((part.last for part in parts), start=_ZERO) / len(parts))


def _mean(parts: Sequence[_Partial]) -> Number:
    return rounded(sum((part.total for part in parts), start=_ZERO) / sum(part.n for part in parts))


def _least(parts: Sequence[_Partial]) -> Number:
    return exact(min(part.least for part in parts))


def _most(parts: Sequence[_Partial]) -> Number:
    return exact(max(part.most for part in parts))


_VALUES: Final[dict[tuple[str, str], Callable[[Sequence[_Partial]], Number]]] = {
    ("gauge", "last"): _last_mean,
    ("gauge", "avg"): _mean,
    ("gauge", "min"): _least,
    ("gauge", "max"): _most,
    ("delta", "sum"): _sum,
    ("counter", "increase"): _sum,
    ("level", "last"): _last_sum,
    ("level", "min"): _least,
    ("level", "max"): _most,
}
