"""Exceptions: those that opened, those that are open, and how long they take."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cases import instants
from cases.kpis import durations, generic, statements
from cases.kpis.counted import POINT, cell_of, count, levels, own_groups
from cases.kpis.definition import BACKLOG, NO_CURRENCY
from cases.kpis.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.kpis.answer import KpiAnswer
    from cases.kpis.question import Cell, Question
    from store.client import Row

_KM: Final = ("resolve_km_median_s", "resolve_km_p90_s")


def answer(question: Question) -> KpiAnswer:
    """Groups are those in which an exception opened or is open."""
    backlog = _backlog(question)
    curves = durations.curves(question, question.definition.rows)
    counted = count(question)
    figures = defaultdict(Figures, counted.figures)
    for cell, row in backlog.items():
        for currency, amount in zip(*row["Money"], strict=True):
            if amount:
                figures[cell].money["backlog_value", currency or NO_CURRENCY] = amount
    groups, totals = own_groups(question, {**figures, **backlog})
    extras = {cell: _extra(question, cell, backlog.get(cell), curves.get(cell)) for cell in {*backlog, *curves}}
    return generic.build(question, replace(counted, figures=figures, groups=groups, totals=totals), extras)


def _extra(question: Question, cell: Cell, backlog: Row | None, curve: Row | None) -> generic.Extra:
    values, bounds = durations.km_values(_KM, curve)
    if backlog:
        at = _closes(question)[cell[0]]
        age = (at - backlog["Oldest"]) / instants.SECOND
        values |= {"backlog": backlog["Backlog"], "backlog_cases": backlog["Cases"], "oldest_age_s": age}
    return generic.Extra(values, bounds)


def _closes(question: Question) -> Mapping[int | None, int]:
    """When each bucket closes, and the window under None: at its end, or now if it is not over."""
    closes: dict[int | None, int] = {
        bucket.start: min(bucket.end, question.query.as_of) for bucket in question.query.window.buckets
    }
    return {**closes, None: question.query.until}


def _backlog(question: Question) -> dict[Cell, Row]:
    # A slot is an instant at which open exceptions are counted, for a level and, on the level of points, a bucket.
    slots = [
        (level, start or 0, at)
        for level in levels(question)
        for start, at in _closes(question).items()
        if (level == POINT) == (start is not None)
    ]
    params = {
        "slot_levels": [level for level, _, _ in slots],
        "slot_buckets": [start for _, start, _ in slots],
        "slot_instants": [at for _, _, at in slots],
    }
    rows = question.rows(statements.backlog(question.definition.more[BACKLOG], question.groups), **params)
    return {cell_of(question, row): row for row in rows}
