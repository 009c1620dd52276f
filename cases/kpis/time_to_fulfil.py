"""Time to fulfil: Kaplan-Meier over a start cohort, and apart from it plain percentiles of what ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cases import instants
from cases.kpis import durations
from cases.kpis import generic as plain
from cases.kpis.counted import Counted, own_groups
from cases.kpis.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.kpis.answer import KpiAnswer, Value
    from cases.kpis.question import Ask, Cell
    from store.client import Row

_KM: Final = ("km_median_s", "km_p90_s")
_PLAIN: Final = ("plain_median_s", "plain_p90_s")


def answer(ask: Ask) -> KpiAnswer:
    """Totals begin with the whole window over all groups."""
    curves = durations.curves(ask, ask.definition.rows)
    ended = durations.percentiles(ask, ask.definition.rows)
    extras = _extras(curves, ended, "")
    if ask.declaration and ask.declaration.calendar.business_hours:
        worked = durations.curves(ask, ask.definition.rows, in_business_hours=True)
        worked_ended = durations.percentiles(ask, ask.definition.rows, in_business_hours=True)
        extras = _both(extras, _extras(worked, worked_ended, "business_"))
    whole = curves.get((None, ()))
    groups, totals = own_groups(ask, extras)
    figures = {cell: Figures(curve["Cases"], curve["InFlight"]) for cell, curve in curves.items()}
    counted = Counted(figures, groups, totals, whole["Oldest"] if whole else None, None)
    return plain.build(ask, counted, extras)


def _extras(curves: Mapping[Cell, Row], ended: Mapping[Cell, Row], prefix: str) -> dict[Cell, plain.Extra]:
    return {cell: _extra(curves.get(cell), ended.get(cell), prefix) for cell in {*curves, *ended, (None, ())}}


def _extra(curve: Row | None, ended: Row | None, prefix: str) -> plain.Extra:
    values, bounds = durations.km_values([f"{prefix}{name}" for name in _KM], curve)
    times: list[int | None] = ended["Times"] if ended else [None] * len(_PLAIN)
    told: dict[str, Value] = {
        f"{prefix}{name}": None if time is None else time / instants.SECOND
        for name, time in zip(_PLAIN, times, strict=True)
    }
    return plain.Extra({**values, **told, "finished_n": ended["Finished"] if ended else 0}, bounds)


def _both(one: Mapping[Cell, plain.Extra], other: Mapping[Cell, plain.Extra]) -> dict[Cell, plain.Extra]:
    """They have the same cells: business hours pass or not, the cases are the same."""
    return {
        cell: plain.Extra({**extra.values, **other[cell].values}, {**extra.bounds, **other[cell].bounds})
        for cell, extra in one.items()
    }
