"""What is sent: orders of a few steps, in pairs that share a package, and the figures that their cases must show.

The figures are computed here from the steps alone, in the plainest way, so that they do not repeat the product's SQL.
"""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator

FLOW: Final = "chaos"
NUMBER: Final = "chaos.number"
NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Step:
    """One span: a step of order ``case``, or of whatever reaches ``package`` if ``case`` is empty."""

    number: int
    name: str
    case: str = ""
    package: str = ""
    attempt: int = 1
    error: str = ""
    cost: Decimal = NOTHING
    outcome: str = ""
    human: bool = False

    def attributes(self) -> dict[str, str | int | float]:
        """The span's attributes, its number among them."""
        words: dict[str, str | int | float] = {
            NUMBER: self.number,
            "flow.name": FLOW,
            "flow.step": self.name,
            "flow.attempt": self.attempt,
            "flow.actor.type": "human" if self.human else "service",
            "flow.actor.id": "dana" if self.human else "robot",
            "flow.action": "approve" if self.human else "submit",
        }
        optional: dict[str, Any] = {
            "flow.case.id": self.case,
            "flow.ref.package": self.package,
            "flow.error.class": self.error,
            "flow.case.outcome": self.outcome,
        }
        if self.cost:
            optional |= {"flow.cost.amount": float(self.cost), "flow.cost.currency": "EUR"}
        return words | {key: value for key, value in optional.items() if value}


class Orders:
    """An endless supply of steps, order after order, handed out one at a time to whichever sender asks."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._numbers = itertools.count(1)
        self._steps = self._all()
        self._lock = threading.Lock()

    def next(self) -> Step:
        with self._lock:
            return next(self._steps)

    def _all(self) -> Iterator[Step]:
        for order in itertools.count():
            yield from self._order(order)

    def _order(self, order: int) -> Iterator[Step]:
        case, package = f"CH-{order:07}", f"PK-{order // 2:07}"
        yield self._step("receive", case)
        yield self._step("approve", case, human=self._dice.random() < 0.3)
        if self._dice.random() < 0.2:
            yield self._step("check", case, error="business")
        tries = self._dice.choice((1, 1, 1, 2, 3))
        for attempt in range(1, tries + 1):
            error = "infrastructure" if attempt < tries else ""
            yield self._step("reserve", case, attempt=attempt, error=error, cost=Decimal("0.25"))
        yield self._step("pack", case, package=package)
        if order % 2:
            yield self._step("ship", package=package, cost=Decimal("1.50"))
        if self._dice.random() < 0.9:
            yield self._step("close", case, outcome="completed")

    def _step(self, name: str, case: str = "", **facts: Any) -> Step:
        return Step(next(self._numbers), name, case, **facts)


@dataclass(slots=True)
class Figures:
    """What a case shows; ``cost`` and ``retry_cost`` are its share."""

    events: int = 0
    attempts: int = 0
    retries: int = 0
    business: int = 0
    infrastructure: int = 0
    touches: int = 0
    shared: int = 0
    outcome: str = ""
    cost: Decimal = NOTHING
    retry_cost: Decimal = NOTHING
    systems: set[str] = field(default_factory=set)

    def add(self, step: Step, system: str, among: int) -> None:
        """Count a step that ``among`` cases share."""
        self.events += 1
        self.attempts += 1
        self.retries += step.attempt > 1
        self.business += step.error == "business"
        self.infrastructure += step.error == "infrastructure"
        self.touches += step.human
        self.shared += among > 1
        self.outcome = step.outcome or self.outcome
        self.cost += step.cost / among
        self.retry_cost += step.cost / among if step.attempt > 1 else 0
        self.systems.add(system)


def figures(steps: Iterable[tuple[Step, str]]) -> dict[str, Figures]:
    """The figures of every case, from (step, system) of all spans that are in the store."""
    steps = list(steps)
    on_package: dict[str, set[str]] = defaultdict(set)
    for step, _ in steps:
        if step.case and step.package:
            on_package[step.package].add(step.case)
    found: dict[str, Figures] = defaultdict(Figures)
    for step, system in steps:
        cases = {step.case} if step.case else on_package.get(step.package, set())
        for case in cases:
            found[case].add(step, system, len(cases))
    return dict(found)
