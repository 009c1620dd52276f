"""Answers of KPIs whose definition says all: counted, added up, divided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cases.kpis.answer import KpiAnswer, Point
from cases.kpis.counted import Counted, count
from cases.kpis.figures import currencies, values
from cases.kpis.notes import notes, tellable, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.kpis.answer import Group, Value
    from cases.kpis.definition import Measure
    from cases.kpis.figures import Figures
    from cases.kpis.question import Ask, Cell
    from cases.kpis.window import Bucket


@dataclass(frozen=True, slots=True)
class Extra:
    """What a KPI's own function knows of a cell beside what was counted."""

    values: Mapping[str, Value] = field(default_factory=dict)
    bounds: Mapping[str, float] = field(default_factory=dict)


def answer(ask: Ask) -> KpiAnswer:
    """Totals begin with the whole window over all groups."""
    return build(ask, count(ask), {})


def build(ask: Ask, counted: Counted, extras: Mapping[Cell, Extra]) -> KpiAnswer:
    """The answer of ``counted``, with the values of ``extras`` in their cells."""
    money = currencies(counted.figures.values())
    measures = told(ask.definition, ask.declaration)
    builder = _Builder(ask, counted, extras, measures, money)
    totals = tuple(builder.point(None, group) for group in counted.totals)
    return KpiAnswer(
        definition=ask.definition,
        flow=ask.flow,
        window=ask.query.window,
        measures=tuple(_in_currencies(measures, money)),
        n=totals[0].n,
        in_flight=counted.in_flight(ask.query.as_of),
        unknown_actor_n=totals[0].unknown_actor_n,
        totals=totals,
        points=tuple(builder.point(bucket, group) for bucket, group in ask.grid(counted.groups)),
        cases_url=ask.links.url(),
        as_of=ask.query.as_of,
        currencies=money,
        notes=notes(ask.definition, ask.declaration),
    )


def _in_currencies(measures: tuple[Measure, ...], money: tuple[str, ...]) -> list[Measure]:
    found: list[Measure] = []
    for measure in measures:
        found.extend([measure.in_currency(currency) for currency in money] if measure.unit == "money" else [measure])
    return found


@dataclass(frozen=True, slots=True)
class _Builder:
    """Makes points."""

    ask: Ask
    counted: Counted
    extras: Mapping[Cell, Extra]
    measures: tuple[Measure, ...]
    currencies: tuple[str, ...]

    def point(self, bucket: Bucket | None, group: Group) -> Point:
        figures = self.counted.at(bucket, group)
        extra = self.extras.get((bucket.start if bucket else None, group), Extra())
        unknown = self.ask.definition.unknown
        return Point(
            bucket=bucket,
            group=group,
            n=figures.n,
            in_flight_n=self.counted.in_flight_n(bucket, group),
            unknown_actor_n=figures.counts[unknown] if unknown else None,
            values=self._values(figures, extra, group),
            cases_url=self.ask.links.url(bucket, group),
            bounds=dict(extra.bounds),
        )

    def _values(self, figures: Figures, extra: Extra, group: Group) -> dict[str, Value]:
        measures = _in_currencies(self.measures, self.currencies)
        if not tellable(self.ask.definition, self.ask.declaration):
            return {measure.id: None for measure in measures}
        plain = values(self.measures, figures, self.currencies, group)
        return {
            measure.id: extra.values.get(measure.id, plain.get(measure.id, _nothing(measure))) for measure in measures
        }


def _nothing(measure: Measure) -> Value:
    """What a measure that is not counted comes to where there is nothing to count."""
    return 0 if measure.unit in {"cases", "exceptions"} else None
