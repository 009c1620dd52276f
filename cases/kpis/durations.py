"""Times on a Kaplan-Meier curve and plain percentiles, of rows that say from when to when."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from cases import instants
from cases.kpis import business, statements
from cases.kpis.counted import cell_of, levels
from cases.kpis.kaplan_meier import TOLERANCE, Crossing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cases.kpis.answer import Value
    from cases.kpis.question import Ask, Cell
    from cases.kpis.rows import Rows
    from store.client import Row

SHARES: Final = (Fraction(1, 2), Fraction(1, 10))
"""The share of cases still open at the median and at the p90."""


def curves(ask: Ask, rows: Rows, *, in_business_hours: bool = False) -> dict[Cell, Row]:
    """Where the curve of each cell falls to :data:`SHARES`."""
    elapsed = statements.BUSINESS if in_business_hours else statements.CALENDAR
    sql = statements.durations("kpis/kaplan_meier", rows, ask.grouping, ask.split, elapsed=elapsed)
    shares = [float(share) for share in SHARES]
    return _by_cell(ask, sql, in_business_hours, shares=shares, tolerance=TOLERANCE)


def percentiles(ask: Ask, rows: Rows, *, in_business_hours: bool = False) -> dict[Cell, Row]:
    """The exact median and p90 of the cases that ended in each cell."""
    elapsed = statements.BUSINESS if in_business_hours else statements.CALENDAR
    sql = statements.durations("kpis/quantiles", rows, ask.grouping, ask.split, cohort="ended", elapsed=elapsed)
    return _by_cell(ask, sql, in_business_hours)


def km_values(names: Sequence[str], curve: Row | None) -> tuple[dict[str, Value], dict[str, float]]:
    """Seconds at each quantile, and instead of those that the curve does not reach how long it was followed."""
    values: dict[str, Value] = dict.fromkeys(names)
    bounds: dict[str, float] = {}
    if not curve:
        return values, bounds
    for index, (name, share) in enumerate(zip(names, SHARES, strict=True)):
        first, surely = curve["First"][index], curve["FirstSurely"][index]
        rank = Crossing(curve["Cases"], first, surely, curve["OpenBefore"]).rank(share)
        if rank:
            values[name] = curve["Times" if rank == first else "TimesSurely"][index] / instants.SECOND
        else:
            bounds[name] = curve["Followed"] / instants.SECOND
    return values, bounds


def _by_cell(ask: Ask, sql: str, in_business_hours: bool, **params: object) -> dict[Cell, Row]:  # noqa: FBT001
    if in_business_hours:
        params |= _clock(ask)
    return {cell_of(ask, row): row for row in ask.rows(sql, levels=levels(ask), **params)}


def _clock(ask: Ask) -> dict[str, object]:
    """The business hours from the first start that matters to now."""
    calendar = ask.declaration.calendar if ask.declaration else None
    first = first_event(ask)
    if calendar is None or first is None:
        return business.Hours(()).params()
    return business.hours(calendar, first, ask.query.as_of).params()


def first_event(ask: Ask) -> int | None:
    """When the first case of those in or after the window began, in nanoseconds; None without any."""
    rows = ask.named_rows("kpis/first_event")
    return rows[0]["First"] if rows and rows[0]["Cases"] else None
