"""The figures of one cell as the store counted them, and the values that a reader sees."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from cases.kpis.definition import NO_CURRENCY
from cases.kpis.question import ratio, shared_count
from cases.kpis.statements import name_of
from cases.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cases.kpis.answer import Group, Value
    from cases.kpis.definition import Definition, KpiMeasure
    from store.client import Row


@dataclass(slots=True)
class Figures:
    """``counts`` of cases by band, ``sums`` by column, ``money`` by measure and currency; ``n`` cases in all."""

    n: int = 0
    in_flight: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    money: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add(self, definition: Definition, row: Row) -> None:
        """Add the figures of ``definition`` in a row of the statements."""
        counted = name_of(definition, "count", "")
        summed = name_of(definition, "sum", "")
        for name, value in row.items():
            if name.startswith(counted):
                self.counts[name.removeprefix(counted)] += value
            elif name.startswith(summed):
                self.sums[name.removeprefix(summed)] += value
        self.n += row[f"{counted}n"] if definition.counts else row["Cases"]
        self.in_flight += row[f"{counted}in_flight"] if definition.counts else row["InFlight"]
        for measure in definition.measures:
            if measure.money:
                self._pay(measure, row[name_of(definition, "money", measure.id)])

    def _pay(self, measure: KpiMeasure, amounts: tuple[list[str], list[Decimal]]) -> None:
        for currency, amount in zip(*amounts, strict=True):
            key = measure.id, currency or NO_CURRENCY
            self.money[key] = self.money.get(key, Decimal(0)) + amount


def values(
    measures: Iterable[KpiMeasure], figures: Figures, currencies: Iterable[str], group: Group
) -> dict[str, Value]:
    """The value of each of ``measures``, but for those that the KPI's own function computes."""
    by_id: dict[str, Value] = {}
    names = {name for name, _ in group}
    for measure in measures:
        if measure.unless in names:
            by_id[measure.id] = None
        elif measure.unit == "money":
            for currency in currencies:
                amount = figures.money.get((measure.id, currency), Decimal(0))
                by_id[f"{measure.id}_{currency}"] = Money.of(amount, currency).amount
        elif measure.share or measure.ratio or measure.count or measure.sum or measure.millionths:
            by_id[measure.id] = _value(measure, figures)
    return by_id


def _value(measure: KpiMeasure, figures: Figures) -> Value:
    if measure.share:
        part, whole = (figures.n if name == "n" else figures.counts[name] for name in measure.share)
        return ratio(part, whole, measure.scale)
    if measure.ratio:
        part, whole = (figures.sums[name] for name in measure.ratio)
        return ratio(part, whole, measure.scale)
    if measure.millionths:
        return shared_count(figures.sums[measure.millionths])
    return figures.counts[measure.count] if measure.count else figures.sums[measure.sum]


def currencies(some: Iterable[Figures]) -> tuple[str, ...]:
    """The currencies of all amounts but 0."""
    amounts = [pair for figures in some for pair in figures.money.items()]
    return tuple(sorted({currency for (_, currency), amount in amounts if amount}))
