"""One event of a trail: a step of the case, or a plain span of one of its traces."""

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
"""Other cases that a shared event names at most."""

_UNCLASSIFIED: Final = "unclassified"


@dataclass(frozen=True, slots=True)
class Membership:
    """How an event belongs to the case: ``count`` cases contain it, this one is the ``rank``-th (0-based) of them."""

    count: int
    rank: int
    others: tuple[str, ...] = ()


OWN: Final = Membership(1, 0)
"""An event that names its case belongs to that case alone."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed. ``error_class`` is business, infrastructure or unclassified."""

    error_class: str
    type: str
    message: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as the sender said; both are empty when it said nothing."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Shared:
    """``count`` cases contain the event, this one included; ``case_ids`` are at most 20 of the others."""

    count: int
    case_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """Times are UTC, durations seconds. ``end_ns`` (Unix nanoseconds) is None while a step runs.

    ``cost`` is what the attempt cost, ``cost_share`` the part of it that is this case's.
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
        """Sorts a trail: by start, then what lasts longest (a parent before its child), steps before plain spans."""
        end = float("inf") if self.end_ns is None else float(self.end_ns)
        return self.start_ns, -end, self.plain, self.trace_id, self.span_id

    def after_waiting(self, seconds: float | None) -> TrailEvent:
        """The same event with the wait before it, in seconds."""
        return replace(self, wait_s=seconds)


def event_of_step(row: Row, member: Membership) -> TrailEvent:
    """A row of ``steps`` as an event of one case."""
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
    """A plain span, one without ``flow.step``, as an event."""
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
    """1/n of ``cost``, to the millionth; the lowest ranks take the remainder, so that the shares add up to the cost."""
    if cost is None:
        return None
    micros = int(cost * MICROS)
    each, left = divmod(abs(micros), member.count)
    share = each + (member.rank < left)
    return Money.of_micros(share if micros >= 0 else -share, currency)
