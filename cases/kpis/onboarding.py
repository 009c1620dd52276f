"""Onboarding: how long a flow or a product took to its first week with the declared touchless rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cases import instants
from cases.kpis import calendar, zones
from cases.kpis import generic as plain
from cases.kpis.counted import count
from cases.kpis.question import ratio
from cases.kpis.window import Window
from store.client import named_query

if TYPE_CHECKING:
    from cases.kpis.answer import Group, KpiAnswer, Value
    from cases.kpis.counted import Counted
    from cases.kpis.question import Ask, Cell


def answer(ask: Ask) -> KpiAnswer:
    """Totals only: the whole history is one time."""
    firsts = _first_events(ask)
    begin = min(firsts.values(), default=ask.query.window.start)
    history = _history(ask, begin)
    counted = count(history)
    extras: dict[Cell, plain.Extra] = {
        (None, group): _Onboarding(history, counted, group).told(first) for group, first in {(): None, **firsts}.items()
    }
    groups = tuple(sorted(group for group in firsts if group))
    found = plain.build(history, replace(counted, groups=groups, totals=((), *groups)), extras)
    # The addresses are those of the window that was asked for; the definition says that all of the past counts.
    totals = tuple(replace(point, cases_url=ask.links.url(None, point.group)) for point in found.totals)
    return replace(found, window=ask.query.window, totals=totals, points=(), cases_url=ask.links.url())


def _history(ask: Ask, begin: int) -> Ask:
    """The same question over everything up to the end of the window, by week."""
    window = ask.query.window
    start = min(begin, window.end - 1)
    whole = Window(start, window.end, window.tz, "week", window.week_starts)
    return replace(ask, query=replace(ask.query, window=whole), together=())


def _first_events(ask: Ask) -> dict[Group, int]:
    rows = ask.rows(named_query("kpis/first_events"))
    found = {ask.own_group(row["Own"]): row["First"] for row in rows}
    return {(): min(found.values()), **found} if found else {}


@dataclass(frozen=True, slots=True)
class _Onboarding:
    """One group, week by week from its first event."""

    ask: Ask
    counted: Counted
    group: Group

    def told(self, first: int | None) -> plain.Extra:
        declared = self.ask.declaration
        target = declared.touchless_target if declared else None
        told: dict[str, Value] = {"target": target, "first_event": None if first is None else instants.rfc3339(first)}
        if target is None or first is None:
            return plain.Extra(told)
        window = self.ask.query.window
        for bucket in window.buckets:
            rate = self._rate(bucket.start)
            over = calendar.week_start(bucket.start, window.tz, window.week_starts, weeks=1)
            if over > self.ask.query.until or rate is None or rate < target:
                continue
            begun = calendar.week_start(bucket.start, window.tz, window.week_starts)
            taken: dict[str, Value] = {"time_to_target_s": (over - first) / instants.SECOND, "reached_rate": rate}
            return plain.Extra({**told, **taken, "reached_week": _day(begun, window.tz)})
        return plain.Extra(told, {"time_to_target_s": (self.ask.query.until - first) / instants.SECOND})

    def _rate(self, start: int) -> float | None:
        figures = self.counted.figures.get((start, self.group))
        return ratio(figures.counts["touchless"], figures.n) if figures else None


def _day(instant: int, tz: str) -> str:
    return zones.local(instant, zones.zone(tz)).date().isoformat()
