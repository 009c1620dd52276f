"""Retries and what they cost, by step and system."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from cases.kpis.answer import KpiAnswer, Point
from cases.kpis.ask import Ask, Cell, cells, ratio, shared_count
from cases.kpis.cohort import Tally
from cases.kpis.definitions import retry_cost
from cases.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cases.kpis.answer import Group, Value
    from cases.kpis.window import Bucket
    from store.client import Row

NO_CURRENCY: Final = "XXX"
"""ISO 4217's code for money without a currency: a cost that was sent without one."""


@dataclass(slots=True)
class _Retried:
    """Sums of one cell: attempts in millionths, money per currency."""

    counts: Counter[str] = field(default_factory=Counter)
    costs: dict[str, Decimal] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        self.counts.update({name: row[name] for name in ("Cases", "InFlight", "Retries", "Wasted")})
        for currency, cost in zip(*row["Costs"], strict=True):
            name = currency or NO_CURRENCY
            self.costs[name] = self.costs.get(name, Decimal(0)) + cost


def answer(ask: Ask) -> KpiAnswer:
    """Points are per step and system, or by step when asked so; totals begin with the whole window over all."""
    cases = Tally.of(ask, ask.shared_rows("kpi_started"), ["Retried"])
    retried = _retried(ask, ask.rows("kpi_retries"))
    currencies = _currencies(retried.values())
    steps = sorted({group for _, group in retried if group not in cases.total_groups})
    builder = _Builder(ask, cases, retried, currencies)
    totals = [builder.point(None, group) for group in [*cases.total_groups, *steps]]
    return KpiAnswer(
        definition=ask.definition,
        flow=ask.flow,
        window=ask.query.window,
        measures=(*ask.definition.measures, *(retry_cost(currency) for currency in currencies)),
        n=totals[0].n,
        in_flight=cases.in_flight(ask),
        unknown_actor_n=None,
        totals=tuple(totals),
        points=tuple(builder.point(bucket, group) for bucket, group in ask.grid(steps)),
        cases_url=ask.links.url(),
        as_of=ask.query.as_of,
        currencies=currencies,
    )


def _retried(ask: Ask, rows: Iterable[Row]) -> dict[Cell, _Retried]:
    found: dict[Cell, _Retried] = defaultdict(_Retried)
    for row in rows:
        own = ask.own_group(row["GroupValue"])
        place = (
            (("step", row["Step"]),)
            if ask.query.grouping == "step"
            else (("step", row["Step"]), ("system", row["System"]))
        )
        for cell in cells(row["Bucket"], (*own, *place)) | cells(row["Bucket"], own):
            found[cell].add(row)
    return found


def _currencies(cells_of_money: Iterable[_Retried]) -> tuple[str, ...]:
    """Currencies in which a retry cost something: an attempt without a cost has no currency and adds nothing."""
    return tuple(sorted({name for cell in cells_of_money for name, cost in cell.costs.items() if cost}))


@dataclass(frozen=True, slots=True)
class _Builder:
    """Makes points out of the cases of the cohort and what was retried in them."""

    ask: Ask
    cases: Tally
    retried: dict[Cell, _Retried]
    currencies: tuple[str, ...]

    def point(self, bucket: Bucket | None, group: Group) -> Point:
        cell = bucket.start if bucket else None, group
        retried = self.retried.get(cell, _Retried())
        # Of a step: the cases retried there. A case may be retried at several steps, so these do not add up.
        cohort = self.cases.counts.get(cell)
        whole = group in self.cases.total_groups
        counts = (cohort or Counter()) if whole else retried.counts
        return Point(
            bucket=bucket,
            group=group,
            n=counts["Cases"],
            in_flight_n=counts["InFlight"],
            unknown_actor_n=None,
            values=self._values(retried, counts["Retried"] if whole else counts["Cases"]),
            cases_url=self.ask.links.url(bucket, group),
        )

    def _values(self, retried: _Retried, cases: int) -> dict[str, Value]:
        counts = retried.counts
        values: dict[str, Value] = {
            "retries": shared_count(counts["Retries"]),
            "wasted_retries": shared_count(counts["Wasted"]),
            "wasted_share": ratio(counts["Wasted"], counts["Retries"]),
            "retried_cases": cases,
        }
        for currency in self.currencies:
            values[f"retry_cost_{currency}"] = Money.of(retried.costs.get(currency, Decimal(0)), currency).amount
        return values
