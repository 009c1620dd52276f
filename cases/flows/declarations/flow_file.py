"""The fields of a flow file, ``flows/<name>.yaml``, as pydantic models: checked, but not interpreted.

:class:`~cases.flows.declarations.declaration.Declaration` is what they mean. The JSON schema in docs is made from them.
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
    """A step with all defaults may be written as ``pack-items:``, which YAML reads as nothing."""
    return {} if value is None else value


class FlowFilePart(BaseModel):
    """The base of all parts of the file: no unknown fields, and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OwnerPart(FlowFilePart):
    """Who is responsible for the flow."""

    name: Text = Field(description="A team or a person.", examples=["Order desk"])
    contact: Text | None = Field(default=None, description="How to reach them.", examples=["orders@example.com"])


class PricePart(FlowFilePart):
    """The cost of attempts whose events do not state one."""

    per_attempt: Decimal = Field(
        default=Decimal(0), ge=0, max_digits=18, decimal_places=6, description="Money per attempt.", examples=["0.02"]
    )
    per_second: Decimal = Field(
        default=Decimal(0),
        ge=0,
        max_digits=18,
        decimal_places=9,
        description="Money per second of duration.",
        examples=["0.0001"],
    )
    currency: Currency = Field(description="ISO 4217.", examples=["EUR"])

    @model_validator(mode="after")
    def _costs_something(self) -> Self:
        if not (self.per_attempt or self.per_second):
            raise ValueError("a price needs per_attempt, per_second or both")
        return self


class StepPart(FlowFilePart):
    """One step. All fields are optional."""

    kind: Kind = Field(default="task", description="The kind of step.", examples=["approval"])
    optional: bool = Field(default=False, strict=True, description="Not every case takes it.", examples=[True])
    loop: bool = Field(
        default=False, strict=True, description="It repeats by design; a repetition is not rework.", examples=[True]
    )
    touches: Names | None = Field(
        default=None,
        description="The actions of a person that are touches at this step, instead of the usual ones; [] for none.",
        examples=[["approve", "reject"]],
    )
    price: PricePart | None = Field(
        default=None,
        description="The cost of attempts whose events do not state one.",
        examples=[{"per_attempt": "0.02", "currency": "EUR"}],
    )
    timeout: Duration | None = Field(
        default=None, description="How long an approval may take if its event does not say.", examples=["4h"]
    )
    escalate_to: Text | None = Field(
        default=None, description="Who gets an approval after its timeout.", examples=["manager"]
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
    """How a case was handled: automated or manual."""

    dimension: Text = Field(description="The dimension that says how.", examples=["route"])
    automated: Names = Field(min_length=1, description="Its values that mean automated.", examples=[["auto"]])
    manual: Names = Field(min_length=1, description="Its values that mean manual.", examples=[["manual"]])
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
        description="Days to their business hours; days that are not listed are closed.",
        examples=[{"mon-fri": "09:00-17:00", "sat": "09:00-12:00"}],
    )
    holidays: list[date] = Field(
        default=[], description="Days on which business is closed, YYYY-MM-DD.", examples=[["2026-12-25"]]
    )


class FlowFile(FlowFilePart):
    """A flow of Flowtrail, as its owner declares it."""

    flow: Text = Field(description="The name that events carry as flow.name.", examples=["order-to-cash"])
    version: Text | None = Field(default=None, description="Version of the process.", examples=["2"])
    owner: OwnerPart | None = Field(
        default=None, description="Who is responsible for it.", examples=[{"name": "Order desk"}]
    )
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
        description="An id to which more ids than this lead is a hub, which is not followed.",
        examples=[HUB_LIMIT],
    )
    steps: dict[Text, Annotated[StepPart, BeforeValidator(_nothing_is_empty)]] = Field(
        default={}, description="The steps, in the order in which they are expected.", examples=[{"approve-order": {}}]
    )
    outcomes: dict[Text, Literal["success", "failure"]] = Field(
        default={},
        description="What each outcome means; if there are none, completed is the only success.",
        examples=[{SUCCESS: "success", "rejected": "failure"}],
    )
    dimensions: Names = Field(
        default=[], description="The dimensions that events carry as flow.dim.<name>.", examples=[["channel", "region"]]
    )
    segments: Names = Field(
        default=[], description="The dimensions by which figures are usually grouped.", examples=[["channel"]]
    )
    routing: RoutingPart | None = Field(
        default=None,
        description="Which dimension says how a case was handled.",
        examples=[{"dimension": "route", "automated": ["auto"], "manual": ["manual"]}],
    )
    sla: Duration | None = Field(default=None, description="How long a case may take.", examples=["5d"])
    touchless_target: float | None = Field(
        default=None, ge=0, le=1, description="The share of cases that should end without a touch.", examples=[0.8]
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
        if types := find_cycle(self.edges):
            raise ValueError(f"paths: {' > '.join(types)} is a cycle; paths lead in one direction")
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
            raise ValueError("outcomes: none of them is a success; add one, such as completed: success")
        return self

    @model_validator(mode="after")
    def _dimensions_are_listed(self) -> Self:
        routing = [self.routing.dimension, *self.routing.cohort] if self.routing else []
        for field, used in (("segments", self.segments), ("routing", routing)):
            missing = [name for name in used if self.dimensions and name not in self.dimensions]
            if missing:
                raise ValueError(f"{field}: {', '.join(missing)} is not among dimensions; add it there")
        return self
