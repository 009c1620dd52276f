"""The file ``flows/<name>.yaml`` as pydantic sees it; every field holds what the file says, checked.

What it means is a :class:`~cases.flows.declarations.declaration.Declaration`. The JSON schema in docs comes from it.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic needs it at run time
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from cases.flows.declarations.cycle import find_cycle
from cases.flows.declarations.declaration import HUB_LIMIT, SUCCESS, depth
from cases.flows.declarations.field_types import Currency, Duration, Hours, IdType, Names, Path, Text, Zone  # noqa: TC001 - pydantic needs them at run time

if TYPE_CHECKING:
    from cases.flows.declarations.declaration import Edge

Kind = Literal["task", "approval", "handoff", "gate", "compensation", "start", "end"]
Weekday = Literal["iso", "monday", "saturday", "sunday"]

_MAX_DEPTH: Final = 16


def _nothing_is_empty(value: Any) -> Any:
    return {} if value is None else value


class FlowFilePart(BaseModel):
    """Base of everything in the file: nothing unknown, nothing changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OwnerPart(FlowFilePart):
    """Who answers for the flow."""

    name: Text = Field(description="A team or a person.", examples=["Order desk"])
    contact: Text | None = Field(default=None, description="How to reach them.", examples=["orders@example.com"])


class PricePart(FlowFilePart):
    """What an attempt costs whose event says nothing of its cost."""

    per_attempt: Decimal = Field(
        default=Decimal(0), ge=0, max_digits=18, decimal_places=6, description="Money per attempt.", examples=["0.02"]
    )
    per_second: Decimal = Field(
        default=Decimal(0),
        ge=0,
        max_digits=18,
        decimal_places=9,
        description="Money per second that it took.",
        examples=["0.0001"],
    )
    currency: Currency = Field(description="ISO 4217.", examples=["EUR"])

    @model_validator(mode="after")
    def _costs_something(self) -> Self:
        if not (self.per_attempt or self.per_second):
            raise ValueError("a price needs per_attempt, per_second or both")
        return self


class StepPart(FlowFilePart):
    """One step; all of it may be left out."""

    kind: Kind = Field(default="task", description="What sort of step it is.", examples=["approval"])
    optional: bool = Field(default=False, strict=True, description="Not every case takes it.", examples=[True])
    loop: bool = Field(
        default=False, strict=True, description="It repeats by design; a repetition is no rework.", examples=[True]
    )
    touches: Names | None = Field(
        default=None,
        description="Actions of a person that count as touches here, instead of the usual ones; [] for none.",
        examples=[["approve", "reject"]],
    )
    price: PricePart | None = Field(
        default=None,
        description="What an attempt costs whose event says nothing of its cost.",
        examples=[{"per_attempt": "0.02", "currency": "EUR"}],
    )
    timeout: Duration | None = Field(
        default=None, description="How long an approval may take whose event does not say.", examples=["4h"]
    )
    escalate_to: Text | None = Field(
        default=None, description="Who gets an approval past its timeout.", examples=["manager"]
    )
    ends: Text | None = Field(
        default=None, description="A success of this step ends the case with this outcome.", examples=[SUCCESS]
    )

    @model_validator(mode="after")
    def _only_approvals_wait(self) -> Self:
        if self.kind != "approval" and (self.timeout or self.escalate_to):
            raise ValueError("timeout and escalate_to are for approvals; add kind: approval or remove them")
        return self


class RoutingPart(FlowFilePart):
    """Which way a case went: by machine or by hand."""

    dimension: Text = Field(description="The dimension that says so.", examples=["route"])
    automated: Names = Field(min_length=1, description="Its values that mean automatic.", examples=[["auto"]])
    manual: Names = Field(min_length=1, description="Its values that mean by hand.", examples=[["manual"]])
    cohort: Names = Field(
        default=[], description="Dimensions that make cases comparable over time.", examples=[["segment"]]
    )

    @model_validator(mode="after")
    def _either_or(self) -> Self:
        if both := sorted({*self.automated} & {*self.manual}):
            raise ValueError(f"{', '.join(both)}: both automated and manual")
        return self


class CalendarPart(FlowFilePart):
    """How days and weeks are counted."""

    time_zone: Zone = Field(default="UTC", description="IANA name.", examples=["Europe/Berlin"])
    week: Weekday = Field(
        default="iso", description="The day on which a week begins; iso is monday.", examples=["iso", "sunday"]
    )
    business_hours: Hours = Field(
        default={},
        description="Days to the stretches of them that count; days not named are closed.",
        examples=[{"mon-fri": "09:00-17:00", "sat": "09:00-12:00"}],
    )
    holidays: list[date] = Field(default=[], description="Days that are closed, YYYY-MM-DD.", examples=[["2026-12-25"]])


class FlowFile(FlowFilePart):
    """A flow of Flowtrail, as its owner declares it."""

    flow: Text = Field(description="The name that events carry as flow.name.", examples=["order-to-cash"])
    version: Text | None = Field(default=None, description="Version of the process.", examples=["2"])
    owner: OwnerPart | None = Field(default=None, description="Who answers for it.", examples=[{"name": "Order desk"}])
    lead: IdType = Field(description="Type of the object that a case is about.", examples=["order"])
    paths: list[Path] = Field(
        description="How ids lead from the lead to others, in one direction; [] when a case has no other ids.",
        examples=[["order > item > package", "order > invoice"]],
    )
    hub_limit: int = Field(
        default=HUB_LIMIT,
        ge=1,
        le=1_000_000,
        strict=True,
        description="An id to which more ids than this lead merges nothing.",
        examples=[HUB_LIMIT],
    )
    steps: dict[Text, Annotated[StepPart, BeforeValidator(_nothing_is_empty)]] = Field(
        default={}, description="The steps, in the order in which they are expected.", examples=[{"approve-order": {}}]
    )
    outcomes: dict[Text, Literal["success", "failure"]] = Field(
        default={},
        description="What each outcome means; without any, completed is the one success.",
        examples=[{SUCCESS: "success", "rejected": "failure"}],
    )
    dimensions: Names = Field(
        default=[], description="The dimensions that events carry as flow.dim.<name>.", examples=[["channel", "region"]]
    )
    segments: Names = Field(
        default=[], description="The dimensions that figures are usually split by.", examples=[["channel"]]
    )
    routing: RoutingPart | None = Field(
        default=None,
        description="Which dimension says how a case went.",
        examples=[{"dimension": "route", "automated": ["auto"], "manual": ["manual"]}],
    )
    sla: Duration | None = Field(default=None, description="How long a case may take.", examples=["5d"])
    touchless_target: float | None = Field(
        default=None, ge=0, le=1, description="Share of cases that should end untouched.", examples=[0.8]
    )
    calendar: CalendarPart = Field(
        default=CalendarPart(),
        description="How days and weeks are counted.",
        examples=[{"time_zone": "Europe/Berlin", "week": "iso"}],
    )

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The paths as (source type, target type), each once."""
        pairs = (pair for path in self.paths for pair in pairwise(path.split(" > ")))
        return tuple(dict.fromkeys(pairs))

    @model_validator(mode="after")
    def _paths_lead_away(self) -> Self:
        reached = {self.lead}
        for _ in self.edges:
            reached |= {target for source, target in self.edges if source in reached}
        for source, target in self.edges:
            if source not in reached:
                raise ValueError(
                    f"paths: the path over {source} > {target} does not start at the lead type {self.lead!r}; "
                    f'write it as "{self.lead} > … > {source} > {target}"'
                )
        if turns := find_cycle(self.edges):
            raise ValueError(f"paths: {' > '.join(turns)} runs in a circle; paths have one direction only")
        if depth(self.lead, self.edges) > _MAX_DEPTH:
            raise ValueError(f"paths: one is longer than {_MAX_DEPTH} hops; shorten it")
        return self

    @model_validator(mode="after")
    def _outcomes_agree(self) -> Self:
        known = self.outcomes or {SUCCESS: "success"}
        for name, step in self.steps.items():
            if step.ends and step.ends not in known:
                raise ValueError(
                    f"steps.{name}.ends: the outcome {step.ends!r} is not among outcomes; "
                    f"add it there: outcomes: {{{step.ends}: success}} (or failure)"
                )
        if "success" not in known.values():
            raise ValueError("outcomes: none of them is a success; write one as completed: success")
        return self

    @model_validator(mode="after")
    def _dimensions_are_listed(self) -> Self:
        routing = [self.routing.dimension, *self.routing.cohort] if self.routing else []
        for field, used in (("segments", self.segments), ("routing", routing)):
            missing = [name for name in used if self.dimensions and name not in self.dimensions]
            if missing:
                raise ValueError(f"{field}: {', '.join(missing)} is not among dimensions; add it there")
        return self
