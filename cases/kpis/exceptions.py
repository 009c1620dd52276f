"""Exceptions: those that opened, those that are open, and how long they take."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cases import instants
from cases.kpis import durations, statements
from cases.kpis import generic as plain
from cases.kpis.counted import POINT, cell_of, count, levels, own_groups
from cases.kpis.definition import NO_CURRENCY
from cases.kpis.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.kpis.answer import KpiAnswer
    from cases.kpis.question import Ask, Cell
    from store.client import Row

_KM: Final = ("resolve_km_median_s", "resolve_km_p90_s")


def answer(ask: Ask) -> KpiAnswer:
    """Groups are those in which an exception opened or is open."""
    backlog = _backlog(ask)
    curves = durations.curves(ask, ask.definition.rows)
    counted = count(ask)
    figures = defaultdict(Figures, counted.figures)
    for cell, row in backlog.items():
        for currency, amount in zip(*row["Money"], strict=True):
            if amount:
                figures[cell].money["backlog_value", currency or NO_CURRENCY] = amount
    groups, totals = own_groups(ask, {**figures, **backlog})
    extras = {cell: _extra(ask, cell, backlog.get(cell), curves.get(cell)) for cell in {*backlog, *curves}}
    return plain.build(ask, replace(counted, figures=figures, groups=groups, totals=totals), extras)


def _extra(ask: Ask, cell: Cell, backlog: Row | None, curve: Row | None) -> plain.Extra:
    values, bounds = durations.km_values(_KM, curve)
    if backlog:
        at = _closes(ask)[cell[0]]
        age = (at - backlog["Oldest"]) / instants.SECOND
        values |= {"backlog": backlog["Backlog"], "backlog_cases": backlog["Cases"], "oldest_age_s": age}
    return plain.Extra(values, bounds)


def _closes(ask: Ask) -> Mapping[int | None, int]:
    """When each bucket closes, and the window under None: at its end, or now if it is not over."""
    closes: dict[int | None, int] = {
        bucket.start: min(bucket.end, ask.query.as_of) for bucket in ask.query.window.buckets
    }
    return {**closes, None: ask.query.until}


def _backlog(ask: Ask) -> dict[Cell, Row]:
    slots = [
        (level, start or 0, at)
        for level in levels(ask)
        for start, at in _closes(ask).items()
        if (level == POINT) == (start is not None)
    ]
    some = {
        "slot_levels": [level for level, _, _ in slots],
        "slot_buckets": [start for _, start, _ in slots],
        "slot_instants": [at for _, _, at in slots],
    }
    rows = ask.rows(statements.backlog(ask.definition.more["backlog"], ask.grouping, ask.split), **some)
    return {cell_of(ask, row): row for row in rows}
