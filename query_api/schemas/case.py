"""A case: in one line, and in full."""

from typing import Literal

from pydantic import Field

from query_api.schemas.base import Answer, Identifier, Instant, Money


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

    cases: list[CaseBrief]
    next: str | None = Field(description="Pass it as cursor for the next page; null on the last.", examples=[None])
