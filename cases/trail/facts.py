"""What stands out in a case: exceptions, approvals, duplicate effects, and whether it keeps its SLA."""

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
    """An exception: a failed step that no automatic retry repaired.

    ``value`` is the value of the case when the exception opened; ``events`` holds the id of the attempt that opened it.
    """

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
    """A decision that was requested; ``event`` is the id of its event."""

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
    """A duplicate effect: ``effects`` successes of one step and object under the same idempotency ``key``.

    ``events`` is filled in a trail only.
    """

    key: str
    step: str
    object: str
    effects: int
    first: datetime
    last: datetime
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands out in a case as of one instant. ``due_at`` and ``time_limit`` are None without an SLA."""

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
        """The same facts with the ids of ``events`` filled in: of running approvals and of duplicate effects."""
        listed = list(events)
        # The fold knows a running approval by the id of the span that will finish it, which the started record names as
        # its parent. A trail shows the started record.
        running = {f"{event.trace_id}-{event.parent_span_id}": event.id for event in listed if event.state == "started"}
        approvals = (
            replace(approval, event=running.get(approval.event, approval.event)) for approval in self.approvals
        )
        duplicates = (replace(duplicate, events=_effects(duplicate, listed)) for duplicate in self.duplicates)
        return replace(self, approvals=tuple(approvals), duplicates=tuple(duplicates))


def facts_of(row: Row, as_of: datetime) -> Facts:
    """The facts in a row of ``cases``, as of ``as_of``."""
    return Facts(
        success=row["Success"],
        due_at=row["DueAt"],
        time_limit=time_limit(row, as_of),
        repeats=row["Repeats"],
        rejections=row["Rejections"],
        corrections=row["Corrections"],
        compensations=row["Compensations"],
        exceptions=tuple(map(_exception, row["Exceptions"])),
        approvals=tuple(_approval(fields, as_of) for fields in row["Approvals"]),
        duplicates=tuple(map(_duplicate, row["Duplicates"])),
    )


def time_limit(row: Row, as_of: datetime) -> TimeLimit | None:
    """Whether a row of ``cases`` keeps its SLA. A breach counts from the moment it happens."""
    due, end = row["DueAt"], row["End"]
    if due is None:
        return None
    if due < min(as_of, end or as_of):
        return "breached"
    return "met" if end is not None and end <= as_of else "due"


def _exception(fields: Mapping[str, Any]) -> ExceptionFact:
    return ExceptionFact(
        fingerprint=fields["Fingerprint"],
        error_class=fields["Class"],
        code=fields["Code"],
        step=fields["Step"],
        system=fields["System"],
        object=fields["Object"],
        opened_at=fields["OpenedAt"],
        closed_at=fields["ClosedAt"],
        state=fields["State"],
        attempts=fields["Attempts"],
        value=optional(fields["Value"], fields["ValueCurrency"]),
        events=(_id(fields),),
    )


def _approval(fields: Mapping[str, Any], as_of: datetime) -> Approval:
    return Approval(
        step=fields["Step"],
        system=fields["System"],
        object=fields["Object"],
        requested_at=fields["RequestedAt"],
        due_at=fields["DueAt"],
        decided_at=fields["DecidedAt"],
        decision=fields["Decision"] or None,
        decided_by=fields["DecidedBy"] or None,
        escalate_to=fields["EscalateTo"] or None,
        on_timeout=fields["OnTimeout"] or None,
        state=_state(fields, as_of),
        event=_id(fields),
    )


def _duplicate(fields: Mapping[str, Any]) -> Duplicate:
    return Duplicate(
        key=fields["Key"],
        step=fields["Step"],
        object=fields["Object"],
        effects=fields["Effects"],
        first=fields["First"],
        last=fields["Last"],
    )


def _state(fields: Mapping[str, Any], as_of: datetime) -> ApprovalState:
    due, decided = fields["DueAt"], fields["DecidedAt"]
    if decided is not None and decided < as_of:
        return "decided_late" if due is not None and due < decided else "decided"
    return "overdue" if due is not None and due < as_of else "pending"


def _id(fields: Mapping[str, Any]) -> str:
    return f"{fields['TraceId']}-{fields['SpanId']}"


def _effects(duplicate: Duplicate, events: Iterable[TrailEvent]) -> tuple[str, ...]:
    """The ids of the events that are the effects of ``duplicate``."""
    return tuple(
        event.id
        for event in events
        if (event.idempotency_key, event.step) == (duplicate.key, duplicate.step)
        and event.state == "finished"
        and not event.failed
        # The fold writes the object of a step so: all identifiers of the event, in their order.
        and ", ".join(f"{ref.type}:{ref.value}" for ref in event.refs) == duplicate.object
    )
