"""The KPIs, worked out from the truth alone: exact fractions, written by hand from the definitions.

It takes the accounts of ``demo.truth.truth`` and looks at no telemetry, so that it can contradict Flowtrail. Every
function works on the orders it is given; ``ended_between`` and ``started_between`` choose a cohort.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

Account = Mapping[str, Any]
Orders = Mapping[str, Account]

MILLION = 1_000_000


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def ended_between(orders: Orders, start: datetime, end: datetime) -> dict[str, Account]:
    """Orders whose case ended in [start, end)."""
    return {n: a for n, a in orders.items() if a["end"] and start <= moment(a["end"]) < end}


def started_between(orders: Orders, start: datetime, end: datetime) -> dict[str, Account]:
    """Orders whose case started in [start, end), ended or not."""
    return {n: a for n, a in orders.items() if start <= moment(a["start"]) < end}


def by_dimension(orders: Orders, name: str) -> dict[str, dict[str, Account]]:
    """The orders by the value of one dimension, or by ``outcome`` ('' in flight)."""
    groups: dict[str, dict[str, Account]] = defaultdict(dict)
    for number, account in orders.items():
        value = account["outcome"] if name == "outcome" else account["dims"].get(name)
        groups[value or ""][number] = account
    return dict(groups)


def iso_week_starts(start: datetime, end: datetime, tz: str = "UTC") -> list[datetime]:
    """The instants (UTC) at which the ISO weeks that meet [start, end) begin in a time zone."""
    zone = ZoneInfo(tz)
    day = start.astimezone(zone).date()
    monday = day - timedelta(days=day.weekday())
    weeks: list[datetime] = []
    while True:
        at = datetime(monday.year, monday.month, monday.day, tzinfo=zone).astimezone(UTC)
        if at >= end:
            return weeks
        weeks.append(at)
        monday += timedelta(weeks=1)


@dataclass(frozen=True)
class Touchless:
    """Counts of ended orders; every one is in exactly one of the last three."""

    n: int
    touchless: int
    touched: int
    unknown: int

    @property
    def rate(self) -> Fraction | None:
        """Untouched by people, and by nobody unknown, of all; None without orders."""
        return Fraction(self.touchless, self.n) if self.n else None


def touchless(orders: Orders) -> Touchless:
    """Of orders that ended: a person's hand makes it touched, else an unknown actor leaves it open, else touchless."""
    ended = [account for account in orders.values() if account["end"]]
    touched = sum(account["touches"] > 0 for account in ended)
    unknown = sum(account["touches"] == 0 and account["unknown_events"] > 0 for account in ended)
    return Touchless(len(ended), len(ended) - touched - unknown, touched, unknown)


def touchless_by_outcome(orders: Orders) -> dict[str, Touchless]:
    return {outcome: touchless(group) for outcome, group in by_dimension(orders, "outcome").items() if outcome}


@dataclass(frozen=True)
class Errors:
    """Per 1,000 orders and per 1,000 attempts; by class under ``business`` and ``infrastructure``."""

    cases: int
    cases_with_error_per_1000: Fraction
    cases_by_class_per_1000: dict[str, Fraction]
    attempts: Fraction
    failed_attempts_per_1000: Fraction
    failed_by_class_per_1000: dict[str, Fraction]


def errors_per_1000(orders: Orders) -> Errors | None:
    """An attempt that n orders share counts 1/n in each; None without orders."""
    if not orders:
        return None
    steps = [step for account in orders.values() for step in account["steps"]]
    attempts = sum((_share(step) for step in steps), Fraction())
    failed: dict[str, Fraction] = defaultdict(Fraction)
    for step in steps:
        if step["error"]:
            failed[step["error"]["class"]] += _share(step)
    classes = [{step["error"]["class"] for step in a["steps"] if step["error"]} for a in orders.values()]
    return Errors(
        cases=len(orders),
        cases_with_error_per_1000=Fraction(1000 * sum(map(bool, classes)), len(orders)),
        cases_by_class_per_1000={
            name: Fraction(1000 * sum(name in found for found in classes), len(orders)) for name in sorted(failed)
        },
        attempts=attempts,
        failed_attempts_per_1000=1000 * sum(failed.values(), Fraction()) / attempts,
        failed_by_class_per_1000={name: 1000 * count / attempts for name, count in sorted(failed.items())},
    )


@dataclass
class Retries:
    """Attempts beyond the first at one step of one system; money per currency, in its unit."""

    retries: Fraction = Fraction()
    cost: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    wasted: Fraction = Fraction()

    @property
    def wasted_share(self) -> Fraction | None:
        """The part of the retries that was spent on orders in which the step never succeeded; None without retries."""
        return self.wasted / self.retries if self.retries else None


def retries(orders: Orders) -> dict[tuple[str, str], Retries]:
    """By (step, system), for those that were tried again at all."""
    found: dict[tuple[str, str], Retries] = defaultdict(Retries)
    for account in orders.values():
        succeeded = {(step["step"], step["system"]) for step in account["steps"] if not step["error"]}
        for step in account["steps"]:
            if step["attempt"] == 1:
                continue
            key = (step["step"], step["system"])
            row = found[key]
            row.retries += _share(step)
            row.wasted += 0 if key in succeeded else _share(step)
            if step["cost"]:
                row.cost[step["cost"]["currency"]] += Fraction(step["cost_share_millionths"], MILLION)
    return dict(found)


def _share(step: Mapping[str, Any]) -> Fraction:
    return Fraction(step["share_millionths"], MILLION)


@dataclass(frozen=True)
class Waited:
    """How long one order took (``ended``), or has taken so far."""

    seconds: Fraction
    ended: bool


def durations(orders: Orders, as_of: datetime) -> list[Waited]:
    """Start to end, or to ``as_of`` for orders in flight."""
    return [
        Waited(_seconds((moment(a["end"]) if a["end"] else as_of) - moment(a["start"])), bool(a["end"]))
        for a in orders.values()
    ]


def survival_curve(waits: Iterable[Waited]) -> list[tuple[Fraction, Fraction]]:
    """Kaplan-Meier: (t, share still under way after t) at each time at which orders ended.

    Who is in flight with age t was still at risk at t.
    """
    ordered = sorted(waits, key=lambda wait: wait.seconds)
    curve: list[tuple[Fraction, Fraction]] = []
    surviving, at_risk, place = Fraction(1), len(ordered), 0
    while place < len(ordered):
        t = ordered[place].seconds
        tied = [wait for wait in ordered[place:] if wait.seconds == t]
        ended = sum(wait.ended for wait in tied)
        if ended:
            surviving *= Fraction(at_risk - ended, at_risk)
            curve.append((t, surviving))
        at_risk -= len(tied)
        place += len(tied)
    return curve


def kaplan_meier_quantile(waits: Sequence[Waited], quantile: Fraction) -> Fraction | None:
    """The first time by which ``quantile`` of the orders have ended; None where the curve does not get there."""
    return next((t for t, surviving in survival_curve(waits) if 1 - surviving >= quantile), None)


def plain_quantile(waits: Sequence[Waited], quantile: Fraction) -> Fraction | None:
    """Nearest rank over the orders that ended; None if there is none."""
    ended = sorted(wait.seconds for wait in waits if wait.ended)
    return ended[max(0, ceil(quantile * len(ended)) - 1)] if ended else None


def _seconds(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), MILLION)
