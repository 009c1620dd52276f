"""A case: in one line, and in full."""

from dataclasses import fields
from datetime import datetime
from typing import Any, Literal

from pydantic import AliasPath, Field

from cases.trail.list_row import CaseListRow as Brief
from query_api.schemas.base import Answer, Identifier, Instant, Money
from query_api.schemas.facts import Approval, Duplicate, ExceptionFact


def _fact(name: str, **more: Any) -> Any:
    """A field of the answer that stands among the facts of the case."""
    return Field(validation_alias=AliasPath("facts", name), **more)


class Holder(Answer):
    """Who has the ball."""

    type: str = Field(
        description="service, human, service_for_human, external; or system when nobody is named.", examples=["human"]
    )
    id: str = Field(description="Empty when the sender did not say.", examples=["dana@finance"])


class Now(Answer):
    """Where the case is at this instant."""

    state: Literal["in_progress", "waiting", "finished"] = Field(
        description="waiting: no step is running; step and system are where the case was last seen.",
        examples=["in_progress"],
    )
    step: str | None = Field(examples=["approve-order"])
    system: str | None = Field(examples=["erp"])
    holder: Holder | None = Field(description="null when the case is finished.")
    since: Instant
    failed: bool = Field(description="The last finished attempt failed.", examples=[False])
    text: str = Field(
        description="All of this in one English sentence.",
        examples=["Waiting for human dana@finance at erp / approve-order since 2026-11-22 10:04 UTC"],
    )


class CaseBrief(Answer):
    """A case in one line."""

    flow: str = Field(examples=["order-to-cash"])
    case_id: str = Field(examples=["SO-1001"])
    in_flight: bool = Field(description="No step has ended the case yet.", examples=[True])
    outcome: str | None = Field(description="null while in flight.", examples=[None, "completed"])
    start: Instant
    end: Instant | None = Field(examples=[None])
    value: Money | None
    now: Now
    success: bool = Field(description="Ended with an outcome that its flow calls a success.", examples=[False])
    due_at: Instant | None = Field(description="Start plus the flow's SLA; null without one.", examples=[None])
    sla: Literal["due", "met", "breached"] | None = Field(
        description="breached: not ended when it was due. null without an SLA.", examples=["due"]
    )
    exceptions_n: int = Field(description="Steps that failed for good.", examples=[1])
    exceptions_open_n: int = Field(description="Those that nothing has closed yet.", examples=[0])

    @classmethod
    def fields_of(cls, brief: Brief, as_of: datetime) -> dict[str, Any]:
        """The fields of a domain object, as of an instant."""
        return {field.name: getattr(brief, field.name) for field in fields(brief)} | {"sla": brief.time_limit(as_of)}


class FailedAttempts(Answer):
    """Failed attempts by the class the sender gave the error."""

    business: int = Field(examples=[0])
    infrastructure: int = Field(examples=[1])
    unclassified: int = Field(examples=[0])


class ReachedIdentifier(Identifier):
    """An id the case reaches along its flow's paths."""

    shared_with: int = Field(description="How many other cases reach it.", examples=[0])


class RelatedCase(Answer):
    """Another case that shares events with this one, and the ids both reach."""

    flow: str = Field(examples=["order-to-cash"])
    case_id: str = Field(examples=["SO-1002"])
    events: int = Field(description="Events both cases contain.", examples=[2])
    ids: list[Identifier]


class CaseSummary(Answer):
    """A case in full, without its events."""

    flow: str = Field(examples=["order-to-cash"])
    version: str = Field(description="Version of the flow as the case's latest event named it.", examples=["1"])
    case_id: str = Field(examples=["SO-1001"])
    start: Instant
    end: Instant | None = Field(examples=[None])
    in_flight: bool = Field(examples=[True])
    outcome: str | None = Field(examples=[None])
    duration_s: float = Field(description="Seconds from start to end, or to as_of while in flight.", examples=[5400.0])
    value: Money | None
    dims: dict[str, str] = Field(description="The latest value of each dimension.", examples=[{"channel": "web"}])
    now: Now
    touches: int = Field(description="Events in which a human did the work.", examples=[1])
    unknown_actor_events: int = Field(description="Finished steps that name no actor.", examples=[0])
    events: int = Field(description="Finished steps, shared ones included.", examples=[9])
    attempts: int = Field(description="Finished attempts, shared ones counted whole.", examples=[9])
    failed: FailedAttempts
    retries: int = Field(description="Attempts after the first.", examples=[1])
    success: bool = _fact(
        "success", description="Ended with an outcome that its flow calls a success.", examples=[False]
    )
    due_at: Instant | None = _fact(
        "due_at", description="Start plus the flow's SLA; null without one.", examples=[None]
    )
    sla: Literal["due", "met", "breached"] | None = _fact(
        "time_limit",
        description="breached: not ended when it was due. due: there is time left. null without an SLA.",
        examples=["due"],
    )
    repeats: int = _fact("repeats", description="Steps begun again on the same object.", examples=[0])
    rejections: int = _fact("rejections", description="Steps that said no.", examples=[0])
    corrections: int = _fact("corrections", description="Steps in which a human edited.", examples=[0])
    compensations: int = _fact("compensations", description="Steps that undid another.", examples=[0])
    exceptions: list[ExceptionFact] = _fact("exceptions", description="Steps that failed for good, oldest first.")
    approvals: list[Approval] = _fact("approvals", description="Decisions asked for, oldest first.")
    duplicates: list[Duplicate] = _fact("duplicates", description="Effects that happened more than once.")
    cost: list[Money] = Field(description="Per currency; a cost shared by n cases counts 1/n.")
    retry_cost: list[Money] = Field(description="The part of cost that retries caused.")
    systems: list[str] = Field(examples=[["shop", "erp", "wms"]])
    ids: list[ReachedIdentifier]
    shared_events: int = Field(description="Events that belong to other cases as well.", examples=[2])
    shared_with: list[RelatedCase] = Field(description="At most 100, those with most events in common first.")
    shared_with_truncated: bool = Field(examples=[False])
    as_of: Instant


class CaseList(Answer):
    """One page of cases."""

    n: int = Field(description="How many cases all pages hold together.", examples=[1])
    cases: list[CaseBrief]
    next: str | None = Field(description="Pass it as cursor for the next page; null on the last.", examples=[None])
