"""Flows."""

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
    """A business process, declared or only seen."""

    name: str = Field(examples=["order-to-cash"])
    versions: list[str] = Field(examples=[["1"]])
    lead: str | None = Field(description="Type of the lead object; null when undeclared.", examples=["order"])
    paths: list[str] = Field(
        description="Directed edges along which ids belong to a case.", examples=[["order > item", "item > package"]]
    )
    dimensions: list[str] = Field(description="Declared dimensions.", examples=[["channel", "region"]])
    segments: list[str] = Field(description="Dimensions figures are usually split by.", examples=[["channel"]])
    declared: bool = Field(examples=[True])
    cases: int = Field(examples=[1200])
    in_flight: int = Field(examples=[37])
    first_start: Instant | None = Field(description="null without cases.", examples=["2026-10-01T08:00:00Z"])
    last_event: Instant | None = Field(description="null without cases.", examples=["2026-11-22T10:04:00Z"])


class FlowList(Answer):
    """Every flow that is declared or has cases, by name."""

    flows: list[Flow]


class FlowOwner(Answer):
    """Who answers for a flow."""

    name: str = Field(examples=["Order desk"])
    contact: str = Field(description="Empty when not declared.", examples=["orders@example.com"])


class FlowStep(Answer):
    """A declared step."""

    step: str = Field(examples=["approve-order"])
    kind: str = Field(examples=["approval"])
    optional: bool = Field(description="Not every case takes it.", examples=[True])
    loop: bool = Field(description="It repeats by design.", examples=[False])
    touches: list[str] | None = Field(
        description="Actions of a person that count as touches here; null: the usual ones.", examples=[["approve"]]
    )
    price_per_attempt: str | None = Field(description="Decimal; null without a price.", examples=["0.02"])
    price_per_second: str | None = Field(description="Decimal; null without a price.", examples=["0.0001"])
    currency: str | None = Field(description="Of the prices; ISO 4217.", examples=["EUR"])
    timeout_s: int | None = Field(description="Seconds an approval may take; null: no limit.", examples=[14400])
    escalate_to: str | None = Field(description="Who gets an approval past its timeout.", examples=["manager"])
    ends: str | None = Field(description="Outcome with which its success ends a case.", examples=["completed"])

    @classmethod
    def of(cls, step: Step) -> Self:
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
    """Which dimension says how a case went."""

    dimension: str = Field(examples=["route"])
    automated: list[str] = Field(examples=[["auto"]])
    manual: list[str] = Field(examples=[["manual"]])
    cohort: list[str] = Field(examples=[["segment"]])


class FlowCalendar(Answer):
    """How days and weeks are counted."""

    time_zone: str = Field(examples=["Europe/Berlin"])
    week_starts: int = Field(description="ISO weekday on which a week begins; 1 is Monday.", examples=[1])
    business_hours: dict[str, str] = Field(
        description="Empty when none are declared.", examples=[{"mon-fri": "09:00-17:00"}]
    )
    holidays: list[date] = Field(examples=[["2026-12-25"]])


class FlowFinding(Answer):
    """Where the declaration and what is seen of the flow disagree."""

    kind: FindingKind = Field(examples=["unused-path"])
    subject: str = Field(description="The step, path, dimension … it is about.", examples=["order > invoice"])
    text: str = Field(description="What is so, and what to do.", examples=["No event follows order > invoice. …"])


class FlowDetail(Flow):
    """A flow with its declaration, and where the two disagree. Everything declared is null or empty when undeclared."""

    version: str | None = Field(description="Declared version.", examples=["2"])
    owner: FlowOwner | None
    hub_limit: int | None = Field(description="An id to which more ids lead merges nothing.", examples=[100])
    steps: list[FlowStep] = Field(description="In the order in which they are expected.")
    outcomes: dict[str, Literal["success", "failure"]] = Field(examples=[{"completed": "success"}])
    routing: FlowRouting | None
    sla_s: int | None = Field(description="Seconds a case may take.", examples=[432000])
    touchless_target: float | None = Field(description="Share of cases that should end untouched.", examples=[0.8])
    calendar: FlowCalendar | None
    declared_at: Instant | None = Field(description="Since when this is declared.", examples=["2026-11-22T10:04:00Z"])
    pending: Literal["paths", "facts"] | None = Field(
        description="What of the declaration the cases do not follow yet, because they are still being folded again.",
        examples=[None],
    )
    findings: list[FlowFinding]

    @classmethod
    def of(cls, detail: Detail) -> Self:
        said = {
            **Flow.model_validate(detail.summary).model_dump(),
            **_declared(detail.declaration),
            "declared_at": detail.declared_at,
            "pending": detail.pending,
            "findings": detail.findings,
        }
        return cls.model_validate(said)


class Hub(Answer):
    """An id to which more ids lead than the flow allows; it merges nothing."""

    type: str = Field(validation_alias="id_type", examples=["customer"])
    value: str = Field(validation_alias="id_value", examples=["C-17"])
    sources: int = Field(description="Ids that lead to it.", examples=[412])
    since: Instant = Field(description="When that was found.", examples=["2026-11-22T10:04:00Z"])


class HubList(Answer):
    """The hubs of a flow, those to which most ids lead first."""

    hubs: list[Hub]


class InferredFlow(Answer):
    """A first declaration of a flow, written from what was seen of it."""

    flow: str = Field(examples=["order-to-cash"])
    cases: int = Field(description="Cases it rests on.", examples=[1200])
    sampled: int = Field(description="Of them read event by event, for the order of steps.", examples=[1000])
    yaml: str = Field(description="A flow file.", examples=["flow: order-to-cash\nlead: order\npaths: []\n"])


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
