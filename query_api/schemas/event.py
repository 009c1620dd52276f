"""One event of a trail."""

from typing import Literal

from pydantic import Field

from query_api.schemas.base import Answer, Identifier, Instant, Money

_EVENT_ID = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"


class Failure(Answer):
    """Why an attempt failed."""

    error_class: Literal["business", "infrastructure", "unclassified"] = Field(
        serialization_alias="class",
        description="business: the process said no. infrastructure: a system did not work. unclassified: not stated.",
        examples=["infrastructure"],
    )
    type: str = Field(description="error.type as sent.", examples=["timeout"])
    message: str = Field(examples=["carrier did not answer within 5 s"])


class Actor(Answer):
    """Who did a step, according to the sender."""

    type: str = Field(
        description="service, human, service_for_human or external; empty if not stated.", examples=["service"]
    )
    id: str = Field(examples=["wms"])


class Shared(Answer):
    """The cases that a shared event belongs to."""

    count: int = Field(description="Number of cases, this one included.", examples=[2])
    case_ids: list[str] = Field(description="Up to 20 of the other cases.", examples=[["SO-1002"]])


class Event(Answer):
    """A step of the case, or a plain span (plain is true): a span without flow.step in a trace of the case."""

    id: str = Field(description="<trace id>-<span id>", examples=[_EVENT_ID])
    trace_id: str = Field(examples=[_EVENT_ID[:32]])
    span_id: str = Field(examples=[_EVENT_ID[33:]])
    parent_span_id: str = Field(description="Empty on a root span.", examples=[""])
    system: str = Field(description="The system that sent it.", examples=["wms"])
    name: str = Field(description="Span name.", examples=["pack"])
    step: str | None = Field(description="null on a plain span.", examples=["pack"])
    kind: str = Field(
        description="Kind of the step (flow.step.kind); of a plain span its OpenTelemetry span kind.", examples=["task"]
    )
    state: Literal["finished", "started"] = Field(description="started: the step is running.", examples=["finished"])
    start: Instant
    end: Instant | None = Field(description="null while the step is running.", examples=["2026-11-22T10:04:01.25Z"])
    duration_s: float | None = Field(description="Seconds; null while the step is running.", examples=[1.25])
    wait_s: float | None = Field(
        description="Seconds before this event without a running step. null on the first event and on plain spans.",
        examples=[60.0],
    )
    attempt: int | None = Field(description="Number of the attempt, from 1; null on a plain span.", examples=[1])
    failed: bool = Field(description="Whether the attempt failed.", examples=[False])
    error: Failure | None = Field(description="Why it failed; null if it did not.")
    cost: Money | None = Field(description="Cost of the attempt; null if none is stated or declared.")
    cost_share: Money | None = Field(description="This case's part of the cost: 1/n if n cases share the event.")
    actor: Actor
    action: str = Field(description="What the actor did (flow.action); empty if not stated.", examples=["create"])
    touch: bool = Field(
        description="Whether it counts as a touch: a person did the step, with an action that counts as work.",
        examples=[False],
    )
    outcome: str | None = Field(description="Outcome of the case, on the step that ends it.", examples=[None])
    compensates: str | None = Field(description="The step that this one undoes.", examples=[None])
    idempotency_key: str | None = Field(
        description="The key under which retries take effect once.", examples=["SO-1001/pack"]
    )
    refs: list[Identifier] = Field(description="The identifiers that the event carries (flow.ref.*).")
    shared: Shared | None = Field(description="null if the event belongs to this case alone.")
    plain: bool = Field(description="Whether it is a plain span and not a step.", examples=[False])
