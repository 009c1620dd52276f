"""Answers of KPIs whose definition says all: counted, added up, divided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cases.kpis.answer import KpiAnswer, Point
from cases.kpis.counted import Counted, count
from cases.kpis.figures import currencies, values
from cases.kpis.notes import available, is_available, notes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.kpis.answer import Group, Value
    from cases.kpis.definition import KpiMeasure
    from cases.kpis.figures import Figures
    from cases.kpis.question import Cell, Question
    from cases.kpis.window import Bucket


@dataclass(frozen=True, slots=True)
class Extra:
    """What a KPI's own function computed for a cell beside what was counted. ``bounds``: see :class:`Point`."""

    values: Mapping[str, Value] = field(default_factory=dict)
    bounds: Mapping[str, float] = field(default_factory=dict)


def answer(question: Question) -> KpiAnswer:
    """Totals begin with the whole window over all groups."""
    return build(question, count(question), {})


def build(question: Question, counted: Counted, extras: Mapping[Cell, Extra]) -> KpiAnswer:
    """The answer of ``counted``, with the values of ``extras`` in their cells."""
    money = currencies(counted.figures.values())
    measures = available(question.definition, question.declaration)
    builder = _Builder(question, counted, extras, measures, money)
    totals = tuple(builder.point(None, group) for group in counted.totals)
    return KpiAnswer(
        definition=question.definition,
        flow=question.flow,
        window=question.query.window,
        measures=tuple(_in_currencies(measures, money)),
        n=totals[0].n,
        in_flight=counted.in_flight(question.query.as_of),
        unknown_actor_n=totals[0].unknown_actor_n,
        totals=totals,
        points=tuple(builder.point(bucket, group) for bucket, group in question.grid(counted.groups)),
        cases_url=question.links.url(),
        as_of=question.query.as_of,
        currencies=money,
        notes=notes(question.definition, question.declaration),
    )


def _in_currencies(measures: tuple[KpiMeasure, ...], money: tuple[str, ...]) -> list[KpiMeasure]:
    """``measures``, each of money once per currency."""
    expanded: list[KpiMeasure] = []
    for measure in measures:
        in_each = [measure.in_currency(currency) for currency in money]
        expanded.extend(in_each if measure.unit == "money" else [measure])
    return expanded


@dataclass(frozen=True, slots=True)
class _Builder:
    """Makes points."""

    question: Question
    counted: Counted
    extras: Mapping[Cell, Extra]
    measures: tuple[KpiMeasure, ...]
    currencies: tuple[str, ...]

    def point(self, bucket: Bucket | None, group: Group) -> Point:
        figures = self.counted.at(bucket, group)
        extra = self.extras.get((bucket.start if bucket else None, group), Extra())
        unknown = self.question.definition.unknown
        return Point(
            bucket=bucket,
            group=group,
            n=figures.n,
            in_flight_n=self.counted.in_flight_n(bucket, group),
            unknown_actor_n=figures.counts[unknown] if unknown else None,
            values=self._values(figures, extra, group),
            cases_url=self.question.links.url(bucket, group),
            bounds=dict(extra.bounds),
        )

    def _values(self, figures: Figures, extra: Extra, group: Group) -> dict[str, Value]:
        measures = _in_currencies(self.measures, self.currencies)
        if not is_available(self.question.definition, self.question.declaration):
            return {measure.id: None for measure in measures}
        counted = values(self.measures, figures, self.currencies, group)
        return {
            measure.id: extra.values.get(measure.id, counted.get(measure.id, _empty(measure))) for measure in measures
        }


def _empty(measure: KpiMeasure) -> Value:
    """The value of a measure where there is nothing to count."""
    return 0 if measure.unit in {"cases", "exceptions"} else None
