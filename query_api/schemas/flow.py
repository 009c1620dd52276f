"""Flows: a summary, and one with its declaration, findings and hubs."""

from datetime import date
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field

from cases.flows.declarations import Declaration, Step
from cases.flows.declarations.hours import hours_of_week
from cases.flows.findings import Kind as FindingKind
from cases.flows.flows import FlowDetail as Detail
from query_api.schemas.base import Answer, Instant


class Flow(Answer):
    """A flow: declared, or only known from events."""

    name: str = Field(examples=["order-to-cash"])
    versions: list[str] = Field(description="Versions declared or named by events.", examples=[["1"]])
    lead: str | None = Field(
        description="Type of the lead object, whose id is the case id. null if the flow is not declared.",
        examples=["order"],
    )
    paths: list[str] = Field(
        description="Declared links, source > target, along which a case reaches identifiers.",
        examples=[["order > item", "item > package"]],
    )
    dimensions: list[str] = Field(description="Declared dimensions.", examples=[["channel", "region"]])
    segments: list[str] = Field(description="Dimensions by which figures are usually split.", examples=[["channel"]])
    declared: bool = Field(description="Whether the flow is declared.", examples=[True])
    cases: int = Field(description="Number of cases.", examples=[1200])
    in_flight: int = Field(description="Cases that have not ended.", examples=[37])
    first_start: Instant | None = Field(
        description="Start of the first case; null without cases.", examples=["2026-10-01T08:00:00Z"]
    )
    last_event: Instant | None = Field(
        description="Time of the latest event; null without cases.", examples=["2026-11-22T10:04:00Z"]
    )


class FlowList(Answer):
    """Every flow that is declared or has cases, by name."""

    flows: list[Flow]


class FlowOwner(Answer):
    """Who is responsible for a flow."""

    name: str = Field(examples=["Order desk"])
    contact: str = Field(description="Empty if not declared.", examples=["orders@example.com"])


class FlowStep(Answer):
    """A declared step."""

    step: str = Field(description="Name of the step.", examples=["approve-order"])
    kind: str = Field(description="task, approval, handoff, gate, compensation, start or end.", examples=["approval"])
    optional: bool = Field(description="Whether a case may leave it out.", examples=[True])
    loop: bool = Field(
        description="Whether it may be done several times for one object without being a repeat.", examples=[False]
    )
    touches: list[str] | None = Field(
        description="Actions of a person that count as touches of this step; null for the usual ones.",
        examples=[["approve"]],
    )
    price_per_attempt: str | None = Field(description="Decimal text; null if not declared.", examples=["0.02"])
    price_per_second: str | None = Field(description="Decimal text; null if not declared.", examples=["0.0001"])
    currency: str | None = Field(description="Currency of the prices, an ISO 4217 code.", examples=["EUR"])
    timeout_s: int | None = Field(description="Seconds that an approval may take; null for no limit.", examples=[14400])
    escalate_to: str | None = Field(description="Who gets the approval after its timeout.", examples=["manager"])
    ends: str | None = Field(
        description="The outcome with which a success of this step ends the case.", examples=["completed"]
    )

    @classmethod
    def of(cls, step: Step) -> Self:
        """A declared step as the API shows it. A limit of 0 means none and becomes null."""
        price = step.price
        return cls(
            step=step.name,
            kind=step.kind,
            optional=step.optional,
            loop=step.loop,
            touches=None if step.touches is None else list(step.touches),
            price_per_attempt=_decimal(price.per_attempt) if price else None,
            price_per_second=_decimal(price.per_second) if price else None,
            currency=price.currency if price else None,
            timeout_s=step.timeout_s or None,
            escalate_to=step.escalate_to or None,
            ends=step.ends or None,
        )


class FlowRouting(Answer):
    """Which dimension says whether a case was routed automatically or manually."""

    dimension: str = Field(examples=["route"])
    automated: list[str] = Field(description="Its values for automatic routing.", examples=[["auto"]])
    manual: list[str] = Field(description="Its values for manual routing.", examples=[["manual"]])
    cohort: list[str] = Field(description="Dimensions that make cases comparable.", examples=[["segment"]])


class FlowCalendar(Answer):
    """Time zone, weeks, business hours and holidays of a flow."""

    time_zone: str = Field(description="IANA name.", examples=["Europe/Berlin"])
    week_starts: int = Field(description="ISO weekday on which weeks begin; 1 is Monday.", examples=[1])
    business_hours: dict[str, str] = Field(
        description="Hours by weekdays; empty if not declared.", examples=[{"mon-fri": "09:00-17:00"}]
    )
    holidays: list[date] = Field(examples=[["2026-12-25"]])


class FlowFinding(Answer):
    """A difference between the declaration and the events of the flow."""

    kind: FindingKind = Field(examples=["unused-path"])
    subject: str = Field(
        description="The step, path, dimension or other item that it is about.", examples=["order > invoice"]
    )
    text: str = Field(
        description="What was found, and what to do about it.", examples=["No event follows order > invoice. …"]
    )


class FlowDetail(Flow):
    """A flow with its declaration and findings. Declared fields are null or empty if the flow is not declared."""

    version: str | None = Field(description="The declared version.", examples=["2"])
    owner: FlowOwner | None
    hub_limit: int | None = Field(description="An identifier to which more identifiers lead is a hub.", examples=[100])
    steps: list[FlowStep] = Field(description="Declared steps in the expected order.")
    outcomes: dict[str, Literal["success", "failure"]] = Field(
        description="What each declared outcome counts as.", examples=[{"completed": "success"}]
    )
    routing: FlowRouting | None
    sla_s: int | None = Field(description="The SLA: seconds that a case may take.", examples=[432000])
    touchless_target: float | None = Field(description="Target of the touchless rate, from 0 to 1.", examples=[0.8])
    calendar: FlowCalendar | None
    declared_at: Instant | None = Field(
        description="When this declaration was loaded.", examples=["2026-11-22T10:04:00Z"]
    )
    pending: Literal["paths", "facts"] | None = Field(
        description="Part of the declaration that the cases do not follow until the running rebuild finishes.",
        examples=[None],
    )
    findings: list[FlowFinding]

    @classmethod
    def of(cls, detail: Detail) -> Self:
        """A flow of the domain in the flat shape of the API."""
        merged = {
            **Flow.model_validate(detail.summary).model_dump(),
            **_declared(detail.declaration),
            "declared_at": detail.declared_at,
            "pending": detail.pending,
            "findings": detail.findings,
        }
        return cls.model_validate(merged)


class Hub(Answer):
    """A hub: an identifier that is not followed, because too many others lead to it."""

    type: str = Field(validation_alias="id_type", examples=["customer"])
    value: str = Field(validation_alias="id_value", examples=["C-17"])
    sources: int = Field(description="Number of identifiers that lead to it.", examples=[412])
    since: Instant = Field(description="When it became a hub.", examples=["2026-11-22T10:04:00Z"])


class HubList(Answer):
    """The hubs of a flow, those with most sources first."""

    hubs: list[Hub]


class InferredFlow(Answer):
    """A declaration of a flow, inferred from its events."""

    flow: str = Field(examples=["order-to-cash"])
    cases: int = Field(description="Number of cases that it was inferred from.", examples=[1200])
    sampled: int = Field(
        description="Cases among them that were read event by event, to find the order of steps.", examples=[1000]
    )
    yaml: str = Field(
        description="The declaration as a YAML file.", examples=["flow: order-to-cash\nlead: order\npaths: []\n"]
    )


def _declared(declaration: Declaration | None) -> dict[str, object]:
    if declaration is None:
        nothing = ("version", "owner", "hub_limit", "routing", "sla_s", "touchless_target", "calendar")
        return {**dict.fromkeys(nothing), "steps": [], "outcomes": {}}
    calendar = declaration.calendar
    return {
        "version": declaration.version or None,
        "owner": declaration.owner,
        "hub_limit": declaration.hub_limit,
        "steps": [FlowStep.of(step) for step in declaration.steps],
        "outcomes": {name: "success" if good else "failure" for name, good in declaration.outcomes.items()},
        "routing": declaration.routing,
        "sla_s": declaration.sla_s or None,
        "touchless_target": declaration.touchless_target,
        "calendar": FlowCalendar(
            time_zone=calendar.time_zone,
            week_starts=calendar.week_starts,
            business_hours=hours_of_week(calendar.business_hours),
            holidays=list(calendar.holidays),
        ),
    }


def _decimal(amount: Decimal) -> str:
    return f"{amount:f}"
