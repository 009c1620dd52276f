"""An event as a tool writes it. The published JSON Schema is generated from this class."""

from __future__ import annotations

from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema, field_validator

from collector.events.fault import Fault
from collector.events.moment import moment_ns, zone_named
from collector.events.values import (
    MAX_IDS,
    TIME_SCHEMA,
    ActorType,
    Amount,
    Attempt,
    Attributes,
    Currency,
    Dims,
    ErrorClass,
    Id,
    Kind,
    OneId,
    Refs,
    Seconds,
    SpanId,
    State,
    Status,
    Text,
    Texts,
    TraceId,
)
from common.units import SECOND_NS

Zone = Annotated[
    ZoneInfo,
    BeforeValidator(lambda value: zone_named(value if isinstance(value, str) else str(value))),
    WithJsonSchema({"type": "string"}),
]
Moment = Annotated[int, WithJsonSchema(TIME_SCHEMA)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False, arbitrary_types_allowed=True)


class Money(_Part):
    """An amount and its currency."""

    amount: Amount = Field(description="A number or decimal text with up to six decimal places. It is kept exactly.")
    currency: Currency = Field(description="Three letters of ISO 4217.", examples=["EUR"])


class Actor(_Part):
    """Who did it."""

    type: ActorType = Field(description="service, human, service_for_human, external or unknown.")
    id: Id | None = Field(default=None, description="Who, as you name them. A role or a pseudonym will do.")


class Error(_Part):
    """How it failed."""

    class_: ErrorClass | None = Field(
        default=None, alias="class", description="business: the answer is no. infrastructure: it broke."
    )
    code: Text | None = Field(default=None, description="A short code, always the same for the same error.")
    message: Text | None = Field(default=None, description="A message for people.")


class Approval(_Part):
    """The terms and the result of an approval."""

    timeout_s: Seconds | None = Field(default=None, description="Seconds after which it counts as not answered.")
    escalate_to: Text | None = None
    on_timeout: Text | None = None
    decision: Text | None = None
    decided_by: Text | None = None


class Link(_Part):
    """An id that leads to others."""

    from_: OneId = Field(alias="from", description="One id by its type.", examples=[{"item": "I-1"}])
    to: Refs = Field(description="The ids it leads to, by type. One or a list.", examples=[{"package": "P-77"}])


class Event(_Part):
    """A step of a business case. A value that is null or '' counts as absent."""

    flow: Id = Field(description="The business process.", examples=["order-to-cash"])
    system: Id = Field(description="The system or tool in which it happened.", examples=["returns-sheet"])
    step: Id = Field(description="The step: what was done.", examples=["approve-return"])
    case: Id | None = Field(default=None, description="The id of the case.", examples=["SO-1001"])
    refs: Refs = Field(
        default_factory=dict, description="Other business ids by type. One or a list.", examples=[{"package": "P-77"}]
    )
    links: list[Link] = Field(
        default_factory=list,
        max_length=MAX_IDS,
        description="Which id leads to which, along the paths of the flow.",
    )
    id: Id | None = Field(
        default=None,
        description="Your own id of this event, unique in the system. An event that is sent again counts once.",
    )
    zone: Zone | None = Field(
        default=None, description="IANA time zone of times without an offset.", examples=["Europe/Berlin"]
    )
    time: Moment | None = Field(
        default=None,
        description="When it happened or started: RFC 3339, or Unix seconds or milliseconds. Default: now.",
    )
    end: Moment | None = Field(default=None, description="When it ended, in the same form as time.")
    duration_s: Seconds | None = Field(default=None, description="How many seconds it took, instead of end.")
    state: State | None = Field(default=None, description="started: it has started. finished, the default: it is done.")
    kind: Kind | None = Field(default=None, description="The kind of step. Default: task.")
    action: Text | None = Field(default=None, description="create, edit, approve, reject, retry, view … or your own.")
    actor: Actor | None = None
    attempt: Attempt | None = Field(default=None, description="1, 2, … of the same step and object.")
    outcome: Text | None = Field(default=None, description="Ends the case: completed, rejected, cancelled or your own.")
    status: Status | None = Field(default=None, description="ok or error. The field error implies error.")
    error: Error | None = None
    cost: Money | None = Field(default=None, description="What this attempt cost.")
    value: Money | None = Field(default=None, description="The money at stake in the case.")
    dims: Dims = Field(default_factory=dict, description="Dimensions of the case, by which figures can be split.")
    attributes: Attributes = Field(default_factory=dict, description="Values of your own.")
    approval: Approval | None = None
    compensates: Text | None = Field(default=None, description="The step that this one undoes.")
    idempotency_key: Id | None = Field(
        default=None, description="The key that all attempts of one piece of work share."
    )
    correlation_id: Id | None = Field(default=None, description="An id of your own that travels with the case.")
    flow_version: Text | None = Field(default=None, description="The version of the process.")
    reads: Texts = Field(default_factory=list, description="Data read, as dataset@version#field,field.")
    writes: Texts = Field(default_factory=list, description="Data written, in the same form.")
    trace_id: TraceId | None = Field(default=None, description="The W3C trace that the event belongs to.")
    span_id: SpanId | None = Field(default=None, description="Its span id in that trace, instead of one made from id.")
    parent_span_id: SpanId | None = Field(default=None, description="The span in that trace that caused it.")

    @field_validator("time", "end", mode="before")
    @classmethod
    def _moment(cls, value: object, info: ValidationInfo) -> int:
        return moment_ns(value, info.data.get("zone"))

    @property
    def started(self) -> bool:
        """Whether the event says that a step has started, not that it is done."""
        return self.state == "started"

    def end_ns(self, start_ns: int) -> int:
        """When it ended. ``start_ns``: when it started; both in Unix nanoseconds."""
        if self.duration_s is not None:
            return start_ns + int(self.duration_s * SECOND_NS)
        return self.end if self.end is not None else start_ns

    def faults(self) -> list[Fault]:
        """What is wrong with the combination of fields. pydantic has checked each field on its own."""
        return [Fault(*fault) for broken, *fault in _rules(self) if broken]


def _rules(event: Event) -> tuple[tuple[bool, str, str, str], ...]:
    """(broken, field, message, hint) for each rule."""
    by_span = event.span_id is not None
    failed = event.error is not None
    return (
        (
            not (event.case or event.refs or event.trace_id),
            "case",
            "The event has no case, no other id and no trace, so nobody could find it.",
            'Give it a case, or refs such as {"package": "P-77"}.',
        ),
        (
            event.id is None and event.time is None and not by_span,
            "id",
            "Without an id or a time, a repeat could not be told from a second event.",
            "Give it an id that stays the same when it is sent again, or the time at which it happened.",
        ),
        (
            event.end is not None and event.duration_s is not None,
            "duration_s",
            "The event has both an end and a duration.",
            "Leave one of them out.",
        ),
        (event.end is not None and event.time is None, "time", "The event has an end but no time.", "Add time."),
        (
            event.end is not None and event.time is not None and event.end < event.time,
            "end",
            "The event ends before it starts.",
            "Swap time and end, or check their zones.",
        ),
        (
            sum(len(ids) for link in event.links for ids in link.to.values()) > MAX_IDS,
            "links",
            f"The event has more than {MAX_IDS:,} links.",
            "Split it into several events.",
        ),
        (failed and event.status == "ok", "status", "status is ok, but there is an error.", "Leave one of them out."),
        (
            by_span and event.trace_id is None,
            "span_id",
            "A span_id means nothing without its trace_id.",
            "Add trace_id, or leave span_id out.",
        ),
        (
            event.parent_span_id is not None and event.trace_id is None,
            "parent_span_id",
            "A parent_span_id means nothing without its trace_id.",
            "Add trace_id, or leave parent_span_id out.",
        ),
        *_rules_of_started(event),
    )


def _rules_of_started(event: Event) -> tuple[tuple[bool, str, str, str], ...]:
    if not event.started:
        return ()
    done = [
        name
        for name in ("end", "duration_s", "outcome", "error", "status", "parent_span_id")
        if getattr(event, name) is not None
    ]
    return (
        (
            event.id is None and event.span_id is None,
            "id",
            "A started event needs an id, so that its end can be matched to it.",
            "Give both events the same id.",
        ),
        (
            bool(done),
            done[0] if done else "",
            f"A started event has no {' and no '.join(done)}.",
            "Put it into the finished event with the same id.",
        ),
    )


FIELDS: Final = tuple(Event.model_fields)


def schema() -> dict[str, Any]:
    """The JSON Schema of one event, or a list of events."""
    event = Event.model_json_schema(by_alias=True)
    definitions = event.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Flowtrail events",
        "description": "The body of POST /v1/events: one event or a list of them.",
        "anyOf": [{"$ref": "#/$defs/Event"}, {"type": "array", "items": {"$ref": "#/$defs/Event"}}],
        "$defs": {**definitions, "Event": event},
    }
