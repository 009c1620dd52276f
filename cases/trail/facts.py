"""What stands out in a case: its exceptions, its approvals, duplicate effects, and whether it keeps its time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from cases.money import Money, optional

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from cases.trail.event import TrailEvent
    from store.client import Row

ExceptionState = Literal["open", "recovered", "ended"]
ApprovalState = Literal["pending", "overdue", "decided", "decided_late"]
TimeLimit = Literal["due", "met", "breached"]


@dataclass(frozen=True, slots=True)
class ExceptionFact:
    """A step that failed for good. ``value`` is the case's when it opened; ``events`` the attempt that opened it."""

    fingerprint: str
    error_class: str
    code: str
    step: str
    system: str
    object: str
    opened_at: datetime
    closed_at: datetime | None
    state: ExceptionState
    attempts: int
    value: Money | None
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Approval:
    """A decision that was asked for; ``event`` is the id of its event."""

    step: str
    system: str
    object: str
    requested_at: datetime
    due_at: datetime | None
    decided_at: datetime | None
    decision: str | None
    decided_by: str | None
    escalate_to: str | None
    on_timeout: str | None
    state: ApprovalState
    event: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """``effects`` successes of one step and object under one idempotency key; ``events`` are known in a trail only."""

    key: str
    step: str
    object: str
    effects: int
    first: datetime
    last: datetime
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands out in a case, as of one instant. ``due_at`` and ``time_limit`` are None where no SLA is declared."""

    success: bool
    due_at: datetime | None
    time_limit: TimeLimit | None
    repeats: int
    rejections: int
    corrections: int
    compensations: int
    exceptions: tuple[ExceptionFact, ...]
    approvals: tuple[Approval, ...]
    duplicates: tuple[Duplicate, ...]

    def placed(self, events: Iterable[TrailEvent]) -> Facts:
        """The same with the ids that ``events`` have: of a running approval, and of the effects of duplicates."""
        listed = list(events)
        running = {f"{one.trace_id}-{one.parent_span_id}": one.id for one in listed if one.state == "started"}
        return replace(
            self,
            approvals=tuple(replace(one, event=running.get(one.event, one.event)) for one in self.approvals),
            duplicates=tuple(replace(one, events=_effects(one, listed)) for one in self.duplicates),
        )


def facts_of(row: Row, as_of: datetime) -> Facts:
    """What a row of ``cases`` says, as of ``as_of``."""
    return Facts(
        success=row["Success"],
        due_at=row["DueAt"],
        time_limit=time_limit(row, as_of),
        repeats=row["Repeats"],
        rejections=row["Rejections"],
        corrections=row["Corrections"],
        compensations=row["Compensations"],
        exceptions=tuple(_exception(one) for one in row["Exceptions"]),
        approvals=tuple(_approval(one, as_of) for one in row["Approvals"]),
        duplicates=tuple(
            Duplicate(one["Key"], one["Step"], one["Object"], one["Effects"], one["First"], one["Last"])
            for one in row["Duplicates"]
        ),
    )


def time_limit(row: Row, as_of: datetime) -> TimeLimit | None:
    """Whether a row of ``cases`` keeps its due time: a breach counts the moment it happens."""
    due, end = row["DueAt"], row["End"]
    if due is None:
        return None
    if due < min(as_of, end or as_of):
        return "breached"
    return "met" if end is not None and end <= as_of else "due"


def _exception(one: Mapping[str, Any]) -> ExceptionFact:
    return ExceptionFact(
        fingerprint=one["Fingerprint"],
        error_class=one["Class"],
        code=one["Code"],
        step=one["Step"],
        system=one["System"],
        object=one["Object"],
        opened_at=one["OpenedAt"],
        closed_at=one["ClosedAt"],
        state=one["State"],
        attempts=one["Attempts"],
        value=optional(one["Value"], one["ValueCurrency"]),
        events=(_id(one),),
    )


def _approval(one: Mapping[str, Any], as_of: datetime) -> Approval:
    return Approval(
        step=one["Step"],
        system=one["System"],
        object=one["Object"],
        requested_at=one["RequestedAt"],
        due_at=one["DueAt"],
        decided_at=one["DecidedAt"],
        decision=one["Decision"] or None,
        decided_by=one["DecidedBy"] or None,
        escalate_to=one["EscalateTo"] or None,
        on_timeout=one["OnTimeout"] or None,
        state=_state(one, as_of),
        event=_id(one),
    )


def _state(one: Mapping[str, Any], as_of: datetime) -> ApprovalState:
    due, decided = one["DueAt"], one["DecidedAt"]
    if decided is not None and decided < as_of:
        return "decided_late" if due is not None and due < decided else "decided"
    return "overdue" if due is not None and due < as_of else "pending"


def _id(one: Mapping[str, Any]) -> str:
    return f"{one['TraceId']}-{one['SpanId']}"


def _effects(duplicate: Duplicate, events: Iterable[TrailEvent]) -> tuple[str, ...]:
    """The events that are the effects; the objects of one key and step are told apart by what they are called."""
    return tuple(
        one.id
        for one in events
        if (one.idempotency_key, one.step) == (duplicate.key, duplicate.step)
        and one.state == "finished"
        and not one.failed
        and ", ".join(f"{ref.type}:{ref.value}" for ref in one.refs) == duplicate.object
    )
