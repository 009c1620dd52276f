"""A case: as a row of a list, and in full."""

from dataclasses import fields
from datetime import datetime
from typing import Any, Literal

from pydantic import AliasPath, Field

from cases.trail.list_row import CaseListRow as Brief
from query_api.schemas.base import Answer, Identifier, Instant, Money
from query_api.schemas.facts import Approval, Duplicate, ExceptionFact

_SLA = "due: in flight and in time. met: ended in time. breached: not ended when it was due. null without an SLA."


def _fact(name: str, **more: Any) -> Any:
    """A field that the domain keeps one level deeper: ``case.facts.<name>``."""
    return Field(validation_alias=AliasPath("facts", name), **more)


class Holder(Answer):
    """Who holds the case: whose turn it is."""

    type: str = Field(
        description="service, human, service_for_human or external; system if no actor is named.", examples=["human"]
    )
    id: str = Field(description="Empty if the sender did not name one.", examples=["dana@finance"])


class Now(Answer):
    """Where the case is as of the instant of the answer."""

    state: Literal["in_progress", "waiting", "finished"] = Field(
        description="waiting: no step is running; step and system say where the case was last seen.",
        examples=["in_progress"],
    )
    step: str | None = Field(examples=["approve-order"])
    system: str | None = Field(examples=["erp"])
    holder: Holder | None = Field(description="null once the case has ended.")
    since: Instant = Field(description="Since when the case is in this state.")
    failed: bool = Field(
        description="Whether the last finished attempt failed, while the case waits.", examples=[False]
    )
    text: str = Field(
        description="The same as an English sentence.",
        examples=["Waiting for human dana@finance at erp / approve-order since 2026-11-22 10:04 UTC"],
    )


class CaseBrief(Answer):
    """A case as a row of a list."""

    flow: str = Field(examples=["order-to-cash"])
    case_id: str = Field(examples=["SO-1001"])
    in_flight: bool = Field(description="Whether the case has not ended yet.", examples=[True])
    outcome: str | None = Field(
        description="How the case ended: completed, rejected, cancelled or the flow's own word. null while in flight.",
        examples=[None, "completed"],
    )
    start: Instant = Field(description="Start of the first event.")
    end: Instant | None = Field(
        description="End of the step that ended the case; null while in flight.", examples=[None]
    )
    value: Money | None = Field(description="Money at stake; null if no event states it.")
    now: Now
    success: bool = Field(
        description="Whether the case ended with an outcome that the flow declares as a success.", examples=[False]
    )
    due_at: Instant | None = Field(description="Start plus the flow's SLA; null without an SLA.", examples=[None])
    sla: Literal["due", "met", "breached"] | None = Field(description=_SLA, examples=["due"])
    exceptions_n: int = Field(description="Exceptions of the case, open or closed.", examples=[1])
    exceptions_open_n: int = Field(description="Exceptions that are open.", examples=[0])

    @classmethod
    def fields_of(cls, brief: Brief, as_of: datetime) -> dict[str, Any]:
        """The fields of a row. ``sla`` depends on the instant: a case in flight breaches its SLA as time passes."""
        return {field.name: getattr(brief, field.name) for field in fields(brief)} | {"sla": brief.time_limit(as_of)}


class FailedAttempts(Answer):
    """Failed attempts by class of their error, as the sender classified it."""

    business: int = Field(examples=[0])
    infrastructure: int = Field(examples=[1])
    unclassified: int = Field(examples=[0])


class ReachedIdentifier(Identifier):
    """An identifier that the case reaches by following links."""

    shared_with: int = Field(description="How many other cases reach it, counted up to 2,000.", examples=[0])


class RelatedCase(Answer):
    """Another case that shares events with this one, and the identifiers that both reach."""

    flow: str = Field(examples=["order-to-cash"])
    case_id: str = Field(examples=["SO-1002"])
    events: int = Field(description="Events that belong to both cases.", examples=[2])
    ids: list[Identifier]


class CaseSummary(Answer):
    """A case in full, without its events."""

    flow: str = Field(examples=["order-to-cash"])
    version: str = Field(description="Version of the flow, from the latest event that states one.", examples=["1"])
    case_id: str = Field(examples=["SO-1001"])
    start: Instant = Field(description="Start of the first event.")
    end: Instant | None = Field(
        description="End of the step that ended the case; null while in flight.", examples=[None]
    )
    in_flight: bool = Field(description="Whether the case has not ended yet.", examples=[True])
    outcome: str | None = Field(description="How the case ended; null while in flight.", examples=[None])
    duration_s: float = Field(description="Seconds from start to end, or to as_of while in flight.", examples=[5400.0])
    value: Money | None = Field(description="Money at stake; null if no event states it.")
    dims: dict[str, str] = Field(description="The latest value of each dimension.", examples=[{"channel": "web"}])
    now: Now
    touches: int = Field(
        description="Touches: steps that a person did, with an action that counts as work.", examples=[1]
    )
    unknown_actor_events: int = Field(description="Finished steps whose sender names no actor.", examples=[0])
    events: int = Field(description="Finished steps, shared events included.", examples=[9])
    attempts: int = Field(description="Finished attempts; a shared one counts as one.", examples=[9])
    failed: FailedAttempts
    retries: int = Field(description="Retries: finished attempts with a number above 1.", examples=[1])
    success: bool = _fact(
        "success",
        description="Whether the case ended with an outcome that the flow declares as a success.",
        examples=[False],
    )
    due_at: Instant | None = _fact(
        "due_at", description="Start plus the flow's SLA; null without an SLA.", examples=[None]
    )
    sla: Literal["due", "met", "breached"] | None = _fact("time_limit", description=_SLA, examples=["due"])
    repeats: int = _fact("repeats", description="Steps that were done again for the same object.", examples=[0])
    rejections: int = _fact("rejections", description="Steps that rejected something.", examples=[0])
    corrections: int = _fact("corrections", description="Steps in which a person edited something.", examples=[0])
    compensations: int = _fact("compensations", description="Steps that undid another step.", examples=[0])
    exceptions: list[ExceptionFact] = _fact(
        "exceptions", description="Failed steps that no automatic retry repaired, oldest first."
    )
    approvals: list[Approval] = _fact("approvals", description="Decisions that were requested, oldest first.")
    duplicates: list[Duplicate] = _fact(
        "duplicates", description="Idempotency keys under which a step succeeded more than once."
    )
    cost: list[Money] = Field(description="Cost of the attempts, per currency. A cost that n cases share counts 1/n.")
    retry_cost: list[Money] = Field(description="The part of cost that was spent on retries.")
    systems: list[str] = Field(description="Systems that sent a step of the case.", examples=[["shop", "erp", "wms"]])
    ids: list[ReachedIdentifier] = Field(description="The reach: every identifier that the case gets to.")
    shared_events: int = Field(description="Finished steps that belong to other cases too.", examples=[2])
    shared_with: list[RelatedCase] = Field(
        description="At most 100 other cases, those with most events in common first."
    )
    shared_with_truncated: bool = Field(description="Whether there are more than 100.", examples=[False])
    as_of: Instant = Field(description="The instant that the answer is about.")


class CaseList(Answer):
    """One page of cases."""

    n: int = Field(description="Number of cases on all pages together.", examples=[1])
    cases: list[CaseBrief]
    next: str | None = Field(description="Cursor of the next page; null on the last page.", examples=[None])
