"""The declaration of a flow: what its cases are about, how they reach their events, its steps and its targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

Edge = tuple[str, str]
"""(source type, target type): an id of the source type leads to ids of the target type."""

Minutes = tuple[int, int]
"""A part of a day: start and end in minutes since midnight, the end excluded."""

HUB_LIMIT: Final = 100
"""An id to which more ids than this lead is a hub, unless the flow declares another limit."""

SUCCESS: Final = "completed"
"""The one successful outcome of a flow that declares no outcomes."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is responsible for a flow."""

    name: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """The cost of attempts whose events do not state one."""

    per_attempt: Decimal
    per_second: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow.

    ``touches``: the actions of a person that count as touches at this step; None means the usual ones.
    ``timeout_s``: the seconds an approval may take if its event does not say; 0 means no limit.
    ``ends``: the outcome with which a success of this step ends the case; '' if it does not end one.
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
    """The dimension that says how a case was handled, and which of its values mean automated and which manual.

    ``cohort``: the dimensions in which two cases must agree to be comparable.
    """

    dimension: str
    automated: tuple[str, ...]
    manual: tuple[str, ...]
    cohort: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """How the days and weeks of a flow are counted.

    ``week_starts``: an ISO weekday, 1 is Monday. ``business_hours``: the open hours of each weekday, from Monday on;
    empty if none are declared.
    """

    time_zone: str = "UTC"
    week_starts: int = 1
    business_hours: tuple[tuple[Minutes, ...], ...] = ()
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """One flow. ``edges`` lead away from ``lead`` and are never followed back.

    ``outcomes`` says of each declared outcome whether it is a success. ``sla_s``: the seconds a case may take, 0 means
    no SLA. ``document``: the flow file as JSON.
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
        """The number of hops from the lead to the farthest id."""
        return depth(self.lead, self.edges)

    @property
    def successes(self) -> tuple[str, ...]:
        """The outcomes that are a success; ``completed`` if no outcomes are declared."""
        if not self.outcomes:
            return (SUCCESS,)
        return tuple(outcome for outcome, success in self.outcomes.items() if success)


def depth(lead: str, edges: tuple[Edge, ...]) -> int:
    """The hops on the longest path from ``lead`` along ``edges``.

    At most the number of edges, so that it also ends for edges with a cycle.
    """
    frontier, hops = {lead}, 0
    while hops < len(edges) and (frontier := {target for source, target in edges if source in frontier}):
        hops += 1
    return hops
