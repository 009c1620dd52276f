"""Onboarding: how long a flow or a product took to its first week with the declared touchless rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cases import instants
from cases.kpis import calendar, generic, zones
from cases.kpis.counted import count
from cases.kpis.question import ratio
from cases.kpis.window import Window
from store.client import named_query

if TYPE_CHECKING:
    from cases.kpis.answer import Group, KpiAnswer, Value
    from cases.kpis.counted import Counted
    from cases.kpis.question import Cell, Question


def answer(question: Question) -> KpiAnswer:
    """Totals only: there are no points, because the figure is about the whole history."""
    firsts = _first_events(question)
    begin = min(firsts.values(), default=question.query.window.start)
    history = _history(question, begin)
    counted = count(history)
    extras: dict[Cell, generic.Extra] = {
        (None, group): _Onboarding(history, counted, group).measured(first)
        for group, first in {(): None, **firsts}.items()
    }
    groups = tuple(sorted(group for group in firsts if group))
    whole = generic.build(history, replace(counted, groups=groups, totals=((), *groups)), extras)
    # The addresses name the window that was asked for; the definition says that the whole past counts.
    totals = tuple(replace(point, cases_url=question.links.url(None, point.group)) for point in whole.totals)
    return replace(whole, window=question.query.window, totals=totals, points=(), cases_url=question.links.url())


def _history(question: Question, begin: int) -> Question:
    """The same question over everything up to the end of the window, by week."""
    window = question.query.window
    start = min(begin, window.end - 1)
    whole = Window(start, window.end, window.tz, "week", window.week_starts)
    return replace(question, query=replace(question.query, window=whole), together=())


def _first_events(question: Question) -> dict[Group, int]:
    """When the first case of each group began; () is everything."""
    rows = question.rows(named_query("kpis/first_events"))
    firsts = {question.own_group(row["Own"]): row["First"] for row in rows}
    return {(): min(firsts.values()), **firsts} if firsts else {}


@dataclass(frozen=True, slots=True)
class _Onboarding:
    """One group, week by week from its first event."""

    question: Question
    counted: Counted
    group: Group

    def measured(self, first: int | None) -> generic.Extra:
        """The measures of a group whose first case began at ``first``; None without any case."""
        declared = self.question.declaration
        target = declared.touchless_target if declared else None
        values: dict[str, Value] = {"target": target, "first_event": None if first is None else instants.rfc3339(first)}
        if target is None or first is None:
            return generic.Extra(values)
        window = self.question.query.window
        for bucket in window.buckets:
            rate = self._rate(bucket.start)
            over = calendar.week_start(bucket.start, window.tz, window.week_starts, weeks=1)
            # A week that is not over yet does not count, nor does one in which no case ended.
            if over > self.question.query.until or rate is None or rate < target:
                continue
            begun = calendar.week_start(bucket.start, window.tz, window.week_starts)
            reached: dict[str, Value] = {"time_to_target_s": (over - first) / instants.SECOND, "reached_rate": rate}
            return generic.Extra({**values, **reached, "reached_week": _day(begun, window.tz)})
        return generic.Extra(values, {"time_to_target_s": (self.question.query.until - first) / instants.SECOND})

    def _rate(self, start: int) -> float | None:
        figures = self.counted.figures.get((start, self.group))
        return ratio(figures.counts["touchless"], figures.n) if figures else None


def _day(instant: int, tz: str) -> str:
    return zones.local(instant, zones.zone(tz)).date().isoformat()
