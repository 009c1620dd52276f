"""Times on a Kaplan-Meier curve and plain percentiles, of rows that say from when to when."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from cases import instants
from cases.kpis import business_hours, statements
from cases.kpis.counted import cell_of, levels
from cases.kpis.kaplan_meier import TOLERANCE, Crossing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cases.kpis.answer import Value
    from cases.kpis.question import Cell, Question
    from cases.kpis.rows import Rows
    from store.client import Row

SHARES: Final = (Fraction(1, 2), Fraction(1, 10))
"""The share of cases still open at the median and at the 90th percentile."""


def curves(question: Question, rows: Rows, *, in_business_hours: bool = False) -> dict[Cell, Row]:
    """Where the curve of each cell falls to :data:`SHARES`."""
    elapsed = statements.BUSINESS if in_business_hours else statements.CALENDAR
    sql = statements.kaplan_meier(rows, question.groups, elapsed)
    shares = [float(share) for share in SHARES]
    return _by_cell(question, sql, in_business_hours, shares=shares, tolerance=TOLERANCE)


def percentiles(question: Question, rows: Rows, *, in_business_hours: bool = False) -> dict[Cell, Row]:
    """The exact median and 90th percentile of the cases that ended in each cell."""
    elapsed = statements.BUSINESS if in_business_hours else statements.CALENDAR
    return _by_cell(question, statements.quantiles(rows, question.groups, elapsed), in_business_hours)


def km_values(names: Sequence[str], curve: Row | None) -> tuple[dict[str, Value], dict[str, float]]:
    """Seconds at each quantile, and lower bounds in seconds for those that the curve does not reach."""
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


def first_event(question: Question) -> int | None:
    """When the first of the cases in or after the window began, in nanoseconds; None without any."""
    rows = question.named_rows("kpis/first_event")
    return rows[0]["First"] if rows and rows[0]["Cases"] else None


def _by_cell(question: Question, sql: str, in_business_hours: bool, **params: object) -> dict[Cell, Row]:  # noqa: FBT001
    if in_business_hours:
        params |= _clock(question)
    return {cell_of(question, row): row for row in question.rows(sql, levels=levels(question), **params)}


def _clock(question: Question) -> dict[str, object]:
    """The business hours from the first start that matters to now."""
    calendar = question.declaration.calendar if question.declaration else None
    first = first_event(question)
    if calendar is None or first is None:
        return business_hours.Hours(()).params()
    return business_hours.hours(calendar, first, question.query.as_of).params()
