"""An event of a trail: a step of the case, or a plain span of one of its traces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from flowtrail.conventions import ERROR_CLASSES, TOUCH_ACTIONS

from cases import instants
from cases.identifier import Identifier
from cases.money import MICROS, Money, optional

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from store.client import Row

EventState = Literal["finished", "started"]

NAMED_PER_EVENT: Final = 20
"""A shared event names at most this many other cases."""

_UNCLASSIFIED: Final = "unclassified"


@dataclass(frozen=True, slots=True)
class Membership:
    """How an event belongs to a case: ``count`` cases contain it, and this case is number ``rank`` (from 0) of them."""

    count: int
    rank: int
    others: tuple[str, ...] = ()


OWN: Final = Membership(1, 0)
"""The membership of an event that names its case: it belongs to that case alone."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed. ``error_class`` is ``business``, ``infrastructure`` or ``unclassified``."""

    error_class: str
    type: str
    message: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as sent; both fields are empty where the event does not say."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Shared:
    """``count`` cases contain the event, including this one; ``case_ids`` names NAMED_PER_EVENT others at most."""

    count: int
    case_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One event as seen from one case. Times are UTC, durations are in seconds.

    ``end_ns`` (Unix nanoseconds) is None while a step runs. ``cost`` is the cost of the attempt, ``cost_share`` the
    part of it that this case bears. ``wait_s`` is the wait just before the event.
    """

    trace_id: str
    span_id: str
    parent_span_id: str
    system: str
    name: str
    step: str | None
    kind: str
    state: EventState
    start_ns: int
    end_ns: int | None
    attempt: int | None
    error: Failure | None
    cost: Money | None
    cost_share: Money | None
    actor: Actor
    action: str
    outcome: str | None
    compensates: str | None
    idempotency_key: str | None
    refs: tuple[Identifier, ...]
    shared: Shared | None
    plain: bool
    wait_s: float | None = None

    @property
    def id(self) -> str:
        return f"{self.trace_id}-{self.span_id}"

    @property
    def start(self) -> datetime:
        return instants.to_datetime(self.start_ns)

    @property
    def end(self) -> datetime | None:
        return None if self.end_ns is None else instants.to_datetime(self.end_ns)

    @property
    def duration_s(self) -> float | None:
        return None if self.end_ns is None else (self.end_ns - self.start_ns) / instants.SECOND

    @property
    def failed(self) -> bool:
        return self.error is not None

    @property
    def touch(self) -> bool:
        return self.state == "finished" and self.actor.type == "human" and self.action in TOUCH_ACTIONS

    @property
    def order(self) -> tuple[int, float, bool, str, str]:
        """The sort key of a trail: by start, then the longest first (parent before child), steps before plain spans."""
        end = float("inf") if self.end_ns is None else float(self.end_ns)
        return self.start_ns, -end, self.plain, self.trace_id, self.span_id

    def after_waiting(self, seconds: float | None) -> TrailEvent:
        """The same event with ``seconds`` as the wait before it."""
        return replace(self, wait_s=seconds)


def event_of_step(row: Row, member: Membership) -> TrailEvent:
    """The event for a row of ``trail/steps.sql``; ``member`` is its membership in the case."""
    running = row["State"] != ""
    return TrailEvent(
        trace_id=row["TraceId"],
        span_id=row["SpanId"],
        parent_span_id=row["ParentSpanId"],
        system=row["System"],
        name=row["Name"],
        step=row["Step"],
        kind=row["Kind"],
        state="started" if running else "finished",
        start_ns=row["StartNs"],
        end_ns=None if running else row["EndNs"],
        attempt=row["Attempt"],
        error=_failure(row, row["ErrorClass"]),
        cost=optional(row["Cost"], row["CostCurrency"]),
        cost_share=_share(row["Cost"], row["CostCurrency"], member),
        actor=Actor(row["ActorType"], row["ActorId"]),
        action=row["Action"],
        outcome=row["Outcome"] or None,
        compensates=row["Compensates"] or None,
        idempotency_key=row["IdempotencyKey"] or None,
        refs=tuple(Identifier(ref["Type"], ref["Value"]) for ref in row["Refs"]),
        shared=Shared(member.count, member.others) if member.count > 1 else None,
        plain=False,
    )


def event_of_span(row: Row) -> TrailEvent:
    """The event for a row of ``trail/spans.sql``: a plain span, that is, one without ``flow.step``."""
    return TrailEvent(
        trace_id=row["TraceId"],
        span_id=row["SpanId"],
        parent_span_id=row["ParentSpanId"],
        system=row["System"],
        name=row["Name"],
        step=None,
        kind=row["Kind"].lower(),
        state="finished",
        start_ns=row["StartNs"],
        end_ns=row["EndNs"],
        attempt=None,
        error=_failure(row, ""),
        cost=None,
        cost_share=None,
        actor=Actor("", ""),
        action="",
        outcome=None,
        compensates=None,
        idempotency_key=None,
        refs=(),
        shared=None,
        plain=True,
    )


def _failure(row: Row, error_class: str) -> Failure | None:
    if not row["Failed"]:
        return None
    known = error_class if error_class in ERROR_CLASSES else _UNCLASSIFIED
    return Failure(known, row["ErrorType"], row["ErrorMessage"])


def _share(cost: Decimal | None, currency: str, member: Membership) -> Money | None:
    """The share of ``cost`` that one case bears: 1/n in whole millionths; the lowest ranks take the remainder."""
    if cost is None:
        return None
    # Divide the absolute value: divmod of a negative cost would round the other way, and shares would not add up.
    micros = int(cost * MICROS)
    each, left = divmod(abs(micros), member.count)
    share = each + (member.rank < left)
    return Money.of_micros(share if micros >= 0 else -share, currency)
