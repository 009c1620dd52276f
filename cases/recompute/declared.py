"""What the owners of flows declare, as far as it decides what a case is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from store.client import Row, Store

HUB_LIMIT: Final = 100
"""More source ids than this make an id of an undeclared flow a hub."""


@dataclass(frozen=True, slots=True)
class StepRules:
    """What is declared of one step. ``touches`` None: the usual actions; ``timeout_s`` 0: none."""

    loop: bool = False
    touches: frozenset[str] | None = None
    price_micros: int = 0
    price_nanos_per_s: int = 0
    currency: str = ""
    timeout_s: int = 0
    escalate_to: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True)
class FlowRules:
    """What is declared of one flow; the defaults are those of a flow that is not declared (``lead`` is empty then)."""

    lead: str = ""
    edges: frozenset[tuple[str, str]] = frozenset()
    hub_limit: int = HUB_LIMIT
    sla_s: int = 0
    successes: frozenset[str] = frozenset({"completed"})
    steps: dict[str, StepRules] = field(default_factory=dict)

    def step(self, name: str) -> StepRules:
        return self.steps.get(name, _NO_RULES)


_NO_RULES: Final = StepRules()
_UNDECLARED: Final = FlowRules()


@dataclass(frozen=True, slots=True)
class Rules:
    """The declared flows by (tenant, flow)."""

    flows: dict[tuple[str, str], FlowRules]

    def of(self, tenant: str, flow: str) -> FlowRules:
        return self.flows.get((tenant, flow), _UNDECLARED)

    def declared(self, tenant: str) -> Iterable[tuple[str, FlowRules]]:
        """Name and rules of each declared flow of ``tenant``."""
        return ((flow, rules) for (owner, flow), rules in self.flows.items() if owner == tenant)


def read_rules(store: Store) -> Rules:
    """The declarations that are in the store."""
    return Rules({(row["Tenant"], row["Flow"]): _flow(row) for row in store.query("recompute/declarations")})


def _flow(row: Row) -> FlowRules:
    return FlowRules(
        lead=row["Lead"],
        edges=frozenset((edge["Source"], edge["Target"]) for edge in row["Edges"]),
        hub_limit=int(row["HubLimit"]),
        sla_s=int(row["SlaSeconds"]),
        successes=frozenset(row["Successes"]),
        steps={step["Step"]: _step(step) for step in row["Steps"]},
    )


def _step(step: Row) -> StepRules:
    return StepRules(
        loop=bool(step["Loop"]),
        touches=frozenset(step["Touches"]) if step["TouchesDeclared"] else None,
        price_micros=_scaled(step["PricePerAttempt"], 6),
        price_nanos_per_s=_scaled(step["PricePerSecond"], 9),
        currency=step["PriceCurrency"],
        timeout_s=int(step["TimeoutS"]),
        escalate_to=step["EscalateTo"],
        ends=step["Ends"],
    )


def _scaled(amount: Decimal, places: int) -> int:
    return int(amount.scaleb(places))
