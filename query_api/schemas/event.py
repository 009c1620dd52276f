"""One event of a trail."""

from typing import Literal

from pydantic import Field

from query_api.schemas.base import Answer, Identifier, Instant, Money

_EVENT_ID = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"


class Failure(Answer):
    """Why an attempt failed."""

    error_class: Literal["business", "infrastructure", "unclassified"] = Field(
        serialization_alias="class", examples=["infrastructure"]
    )
    type: str = Field(description="error.type as sent.", examples=["timeout"])
    message: str = Field(examples=["carrier did not answer within 5 s"])


class Actor(Answer):
    """Who did a step, as the sender said."""

    type: str = Field(description="Empty when not named.", examples=["service"])
    id: str = Field(examples=["wms"])


class Shared(Answer):
    """An event that several cases contain."""

    count: int = Field(description="Cases that contain it, this one included.", examples=[2])
    case_ids: list[str] = Field(description="At most 20 of the other cases.", examples=[["SO-1002"]])


class Event(Answer):
    """A step of the case, or a plain span of one of its traces (plain: true)."""

    id: str = Field(description="<trace id>-<span id>", examples=[_EVENT_ID])
    trace_id: str = Field(examples=[_EVENT_ID[:32]])
    span_id: str = Field(examples=[_EVENT_ID[33:]])
    parent_span_id: str = Field(description="Empty on a root span.", examples=[""])
    system: str = Field(examples=["wms"])
    name: str = Field(description="Span name.", examples=["pack"])
    step: str | None = Field(description="null on a plain span.", examples=["pack"])
    kind: str = Field(description="flow.step.kind; OpenTelemetry's span kind on a plain span.", examples=["task"])
    state: Literal["finished", "started"] = Field(description="started: still running.", examples=["finished"])
    start: Instant
    end: Instant | None = Field(description="null while running.", examples=["2026-11-22T10:04:01.25Z"])
    duration_s: float | None = Field(description="null while running.", examples=[1.25])
    wait_s: float | None = Field(
        description="Seconds just before it without any running step; null on the first event and on plain spans.",
        examples=[60.0],
    )
    attempt: int | None = Field(examples=[1])
    failed: bool = Field(examples=[False])
    error: Failure | None
    cost: Money | None
    cost_share: Money | None = Field(description="The part of cost that is this case's: 1/n of a shared event's.")
    actor: Actor
    action: str = Field(examples=["create"])
    touch: bool = Field(description="A human did the work.", examples=[False])
    outcome: str | None = Field(description="Set on the step that ends the case.", examples=[None])
    compensates: str | None = Field(description="The step that this one undoes.", examples=[None])
    idempotency_key: str | None = Field(examples=["SO-1001/pack"])
    refs: list[Identifier]
    shared: Shared | None = Field(description="null when the event is this case's alone.")
    plain: bool = Field(examples=[False])
