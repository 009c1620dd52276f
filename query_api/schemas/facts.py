"""What may need attention in a case: exceptions, approvals, duplicate effects."""

from typing import Literal

from pydantic import Field

from query_api.schemas.base import Answer, Instant, Money

_EVENT_ID = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"
_OBJECT = "Identifiers that the step carried, as type:value. Empty if it carried none."


class ExceptionFact(Answer):
    """An exception: a failed step that no automatic retry repaired. The exact rules are in docs/attributes.md."""

    fingerprint: str = Field(
        description="Equal for exceptions with the same flow, step, class, code and kind of message.",
        examples=["9f86d081884c7d659a2feaa0c55ad015"],
    )
    error_class: Literal["business", "infrastructure", "unclassified"] = Field(
        serialization_alias="class", examples=["infrastructure"]
    )
    code: str = Field(description="error.type as sent.", examples=["timeout"])
    step: str = Field(examples=["book-carrier"])
    system: str = Field(examples=["carrier"])
    object: str = Field(description=_OBJECT, examples=["package:P-7"])
    opened_at: Instant = Field(description="When the step failed.")
    closed_at: Instant | None = Field(description="null while open.", examples=[None])
    state: Literal["open", "recovered", "ended"] = Field(
        description="recovered: a later attempt succeeded. ended: the case ended without a success.", examples=["open"]
    )
    attempts: int = Field(description="Failed attempts, counted from the one that opened it.", examples=[1])
    value: Money | None = Field(description="Value of the case when the exception opened.")
    events: list[str] = Field(description="Id of the attempt that opened it.", examples=[[_EVENT_ID]])


class Approval(Answer):
    """A decision that was requested."""

    step: str = Field(examples=["approve-order"])
    system: str = Field(examples=["erp"])
    object: str = Field(description=_OBJECT, examples=[""])
    requested_at: Instant
    due_at: Instant | None = Field(
        description="When the decision is due; null without a timeout.", examples=["2026-11-23T10:04:00Z"]
    )
    decided_at: Instant | None = Field(description="null while undecided.", examples=[None])
    decision: str | None = Field(description="As sent.", examples=["approved"])
    decided_by: str | None = Field(description="As sent.", examples=["dana@finance"])
    escalate_to: str | None = Field(description="Who gets the approval after its timeout.", examples=["manager"])
    on_timeout: str | None = Field(description="What happens after the timeout, as sent.", examples=["escalate"])
    state: Literal["pending", "overdue", "decided", "decided_late"] = Field(
        description="As of as_of. overdue: not decided when it was due. decided_late: decided after it was due.",
        examples=["pending"],
    )
    event: str = Field(description="Id of the event that requested it.", examples=[_EVENT_ID])


class Duplicate(Answer):
    """An idempotency key under which a step succeeded more than once for the same object."""

    key: str = Field(examples=["SO-1001/capture-payment"])
    step: str = Field(examples=["capture-payment"])
    object: str = Field(description=_OBJECT, examples=[""])
    effects: int = Field(description="Number of successes.", examples=[2])
    first: Instant = Field(description="End of the first success.")
    last: Instant = Field(description="End of the last success.")
    events: list[str] = Field(
        description="Ids of the successful attempts. Only the trail lists them; elsewhere the list is empty.",
        examples=[[_EVENT_ID]],
    )
