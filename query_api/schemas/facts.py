"""What stands out in a case: exceptions, approvals, duplicate effects."""

from typing import Literal

from pydantic import Field

from query_api.schemas.base import Answer, Instant, Money

_EVENT_ID = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"
_OBJECT = "The ids that the step carried, as type:value; empty for none."


class ExceptionFact(Answer):
    """A step that failed for good; what that means: docs/attributes.md."""

    fingerprint: str = Field(
        description="The same for exceptions that are alike.", examples=["9f86d081884c7d659a2feaa0c55ad015"]
    )
    error_class: Literal["business", "infrastructure", "unclassified"] = Field(
        serialization_alias="class", examples=["infrastructure"]
    )
    code: str = Field(description="error.type as sent.", examples=["timeout"])
    step: str = Field(examples=["book-carrier"])
    system: str = Field(examples=["carrier"])
    object: str = Field(description=_OBJECT, examples=["package:P-7"])
    opened_at: Instant
    closed_at: Instant | None = Field(examples=[None])
    state: Literal["open", "recovered", "ended"] = Field(
        description="recovered: a later attempt succeeded. ended: the case ended without one.", examples=["open"]
    )
    attempts: int = Field(description="Failed attempts from the one that opened it on.", examples=[1])
    value: Money | None = Field(description="The value of the case when it opened.")
    events: list[str] = Field(description="The attempt that opened it.", examples=[[_EVENT_ID]])


class Approval(Answer):
    """A decision that was asked for."""

    step: str = Field(examples=["approve-order"])
    system: str = Field(examples=["erp"])
    object: str = Field(description=_OBJECT, examples=[""])
    requested_at: Instant
    due_at: Instant | None = Field(description="null without a timeout.", examples=["2026-11-23T10:04:00Z"])
    decided_at: Instant | None = Field(examples=[None])
    decision: str | None = Field(description="As sent.", examples=["approved"])
    decided_by: str | None = Field(description="As sent.", examples=["dana@finance"])
    escalate_to: str | None = Field(examples=["manager"])
    on_timeout: str | None = Field(examples=["escalate"])
    state: Literal["pending", "overdue", "decided", "decided_late"] = Field(
        description="As of as_of. decided_late: after its due time.", examples=["pending"]
    )
    event: str = Field(description="Its event.", examples=[_EVENT_ID])


class Duplicate(Answer):
    """One idempotency key under which a step of one object took effect more than once."""

    key: str = Field(examples=["SO-1001/capture-payment"])
    step: str = Field(examples=["capture-payment"])
    object: str = Field(description=_OBJECT, examples=[""])
    effects: int = Field(description="How often it succeeded.", examples=[2])
    first: Instant = Field(description="End of the first effect.")
    last: Instant = Field(description="End of the last one.")
    events: list[str] = Field(description="The effects; told in the trail only.", examples=[[_EVENT_ID]])
