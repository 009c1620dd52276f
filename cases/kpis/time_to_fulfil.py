"""Time to fulfil: Kaplan-Meier over a start cohort, and apart from it plain percentiles of the cases that ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cases import instants
from cases.kpis import durations, generic
from cases.kpis.counted import Counted, own_groups
from cases.kpis.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.kpis.answer import KpiAnswer, Value
    from cases.kpis.question import Cell, Question
    from store.client import Row

_KM: Final = ("km_median_s", "km_p90_s")
_PLAIN: Final = ("plain_median_s", "plain_p90_s")


def answer(question: Question) -> KpiAnswer:
    """Totals begin with the whole window over all groups."""
    rows = question.definition.rows
    curves = durations.curves(question, rows)
    ended = durations.percentiles(question, rows)
    extras = _extras(curves, ended, "")
    if question.declaration and question.declaration.calendar.business_hours:
        worked = durations.curves(question, rows, in_business_hours=True)
        worked_ended = durations.percentiles(question, rows, in_business_hours=True)
        extras = _merged(extras, _extras(worked, worked_ended, "business_"))
    whole = curves.get((None, ()))
    groups, totals = own_groups(question, extras)
    figures = {cell: Figures(curve["Cases"], curve["InFlight"]) for cell, curve in curves.items()}
    counted = Counted(figures, groups, totals, whole["Oldest"] if whole else None, None)
    return generic.build(question, counted, extras)


def _extras(curves: Mapping[Cell, Row], ended: Mapping[Cell, Row], prefix: str) -> dict[Cell, generic.Extra]:
    return {cell: _extra(curves.get(cell), ended.get(cell), prefix) for cell in {*curves, *ended, (None, ())}}


def _extra(curve: Row | None, ended: Row | None, prefix: str) -> generic.Extra:
    values, bounds = durations.km_values([f"{prefix}{name}" for name in _KM], curve)
    times: list[int | None] = ended["Times"] if ended else [None] * len(_PLAIN)
    plain: dict[str, Value] = {
        f"{prefix}{name}": None if time is None else time / instants.SECOND
        for name, time in zip(_PLAIN, times, strict=True)
    }
    return generic.Extra({**values, **plain, "finished_n": ended["Finished"] if ended else 0}, bounds)


def _merged(
    calendar: Mapping[Cell, generic.Extra], business: Mapping[Cell, generic.Extra]
) -> dict[Cell, generic.Extra]:
    """Both have the same cells: they measure the same cases on two clocks."""
    return {
        cell: generic.Extra({**extra.values, **business[cell].values}, {**extra.bounds, **business[cell].bounds})
        for cell, extra in calendar.items()
    }
