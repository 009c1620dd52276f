"""A flow as its owner declares it: what its cases are about, how they reach their events, its steps and rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

Edge = tuple[str, str]
Minutes = tuple[int, int]
"""A stretch of a day, from and to in minutes since midnight; the end is not in it."""

HUB_LIMIT: Final = 100
SUCCESS: Final = "completed"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for a flow."""

    name: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """What an attempt costs that says nothing of its cost."""

    per_attempt: Decimal
    per_second: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow.

    ``touches`` are the actions of a person that count as touches here; None: the usual ones.
    ``timeout_s``: seconds an approval may take when its event does not say; 0 is none. ``ends``: the outcome with which
    a success of this step ends a case; '' when it ends none.
    """

    name: str
    kind: str = "task"
    optional: bool = False
    loop: bool = False
    touches: tuple[str, ...] | None = None
    price: Price | None = None
    timeout_s: int = 0
    escalate_to: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """The dimension that says how a case went, which of its values are automatic and which by hand.

    ``cohort``: the dimensions that make two cases comparable.
    """

    dimension: str
    automated: tuple[str, ...]
    manual: tuple[str, ...]
    cohort: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """``week_starts``: ISO weekday, 1 is Monday. ``business_hours``: the stretches of each weekday from Monday on.

    ``business_hours`` is empty when none are declared; then business hours are not known.
    """

    time_zone: str = "UTC"
    week_starts: int = 1
    business_hours: tuple[tuple[Minutes, ...], ...] = ()
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """One flow. ``edges`` are (source type, target type), directed away from ``lead``; there is no way back.

    ``outcomes`` says of each declared outcome whether it is a success. ``sla_s``: seconds a case may take, 0 is none.
    ``document``: the file it was read from, as JSON.
    """

    name: str
    version: str
    lead: str
    edges: tuple[Edge, ...]
    segments: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    owner: Owner | None = None
    hub_limit: int = HUB_LIMIT
    steps: tuple[Step, ...] = ()
    outcomes: dict[str, bool] = field(default_factory=dict)
    routing: Routing | None = None
    sla_s: int = 0
    touchless_target: float | None = None
    calendar: Calendar = Calendar()
    document: str = ""

    @property
    def depth(self) -> int:
        """Hops from the lead to the farthest id."""
        return depth(self.lead, self.edges)

    @property
    def successes(self) -> tuple[str, ...]:
        """The outcomes that are a success; ``completed`` where nothing is said of outcomes."""
        if not self.outcomes:
            return (SUCCESS,)
        return tuple(outcome for outcome, success in self.outcomes.items() if success)


def depth(lead: str, edges: tuple[Edge, ...]) -> int:
    """Hops of the longest way from ``lead`` along ``edges``; never more than there are edges."""
    frontier, hops = {lead}, 0
    while hops < len(edges) and (frontier := {target for source, target in edges if source in frontier}):
        hops += 1
    return hops
