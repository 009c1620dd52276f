"""Plain cases for KPI tests, and how they get into the table ``cases``."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from store.client import Store

SECOND = 10**9
HOUR = 3600 * SECOND
DAY = 24 * HOUR


@dataclass(frozen=True)
class Step:
    """Attempts of one step, system, kind and currency. Shares and money are in millionths."""

    step: str = "pick"
    system: str = "wms"
    kind: str = "task"
    currency: str = ""
    attempts: int = 1
    share: int = 1_000_000
    business: int = 0
    infrastructure: int = 0
    unclassified: int = 0
    business_share: int = 0
    infrastructure_share: int = 0
    unclassified_share: int = 0
    retries: int = 0
    retry_share: int = 0
    retry_micros: int = 0
    succeeded: bool = True


@dataclass(frozen=True)
class Problem:
    """An exception; ``closed`` is None while it is open, ``micros`` millionths of its currency or None."""

    opened: int
    closed: int | None = None
    state: str = "open"
    error_class: str = "infrastructure"
    code: str = "timeout"
    step: str = "pick"
    system: str = "wms"
    micros: int | None = None
    currency: str = ""


@dataclass(frozen=True)
class Approval:
    """An approval; ``due`` and ``decided`` are None where there is none."""

    requested: int
    due: int | None = None
    decided: int | None = None
    step: str = "approve"
    system: str = "erp"


@dataclass(frozen=True)
class Hop:
    """Attempts of a step at a system, and how many carry an idempotency key."""

    step: str
    system: str
    attempts: int
    keyed: int


@dataclass(frozen=True)
class Case:
    """Times in nanoseconds; ``end`` is None in flight. ``duplicates`` are a step and how many effects a key had."""

    case_id: str
    start: int
    end: int | None = None
    outcome: str = "completed"
    dims: dict[str, str] = field(default_factory=dict)
    touches: int = 0
    unknown_events: int = 0
    steps: tuple[Step, ...] = ()
    service_events: int = 0
    human_events: int = 0
    other_events: int = 0
    due: int | None = None
    repeats: int = 0
    rejections: int = 0
    corrections: int = 0
    compensations: int = 0
    problems: tuple[Problem, ...] = ()
    approvals: tuple[Approval, ...] = ()
    duplicates: tuple[tuple[str, int], ...] = ()
    hops: tuple[Hop, ...] = ()

    @property
    def success(self) -> bool:
        """Only completed is a success here."""
        return self.end is not None and self.outcome == "completed"


def at(text: str) -> int:
    """Nanoseconds of an ISO time; UTC unless it says otherwise."""
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * SECOND


def insert(store: Store, flow: str, *cases: Case, version: int = 1, tenant: str = "default") -> None:
    """Write ``cases`` as the fold would."""
    lines = [json.dumps(_row(case) | {"Flow": flow, "Version": version, "Tenant": tenant}) for case in cases]
    if lines:
        store.raw_insert("cases", "\n".join(lines).encode(), "JSONEachRow", {})


def _row(case: Case) -> dict:
    return {
        "CaseId": case.case_id,
        "Start": _time(case.start),
        "End": None if case.end is None else _time(case.end),
        "LastEvent": _time(max(_instants(case))),
        "Outcome": "" if case.end is None else case.outcome,
        "Dims": case.dims,
        "UnknownEvents": case.unknown_events,
        "Touches": case.touches,
        "ServiceEvents": case.service_events,
        "HumanEvents": case.human_events,
        "Events": case.service_events + case.human_events + case.other_events + case.unknown_events,
        "Success": case.success,
        "DueAt": _time_or_none(case.due),
        "Repeats": case.repeats,
        "Rejections": case.rejections,
        "Corrections": case.corrections,
        "Compensations": case.compensations,
        "Exceptions": [_problem(one) for one in case.problems],
        "Approvals": [_approval(one) for one in case.approvals],
        "Duplicates": [_duplicate(step, effects, case.start) for step, effects in case.duplicates],
        "KeyTotals": [
            {"System": hop.system, "Step": hop.step, "Attempts": hop.attempts, "Keyed": hop.keyed} for hop in case.hops
        ],
        "Attempts": sum(step.attempts for step in case.steps),
        "FailedBusiness": sum(step.business for step in case.steps),
        "FailedInfrastructure": sum(step.infrastructure for step in case.steps),
        "FailedUnclassified": sum(step.unclassified for step in case.steps),
        "Retries": sum(step.retries for step in case.steps),
        "NowState": "waiting" if case.end is None else "finished",
        "NowSince": _time(case.start),
        "StepTotals": [_step(step) for step in case.steps],
    }


def _step(step: Step) -> dict:
    return {
        "Step": step.step,
        "System": step.system,
        "Kind": step.kind,
        "CostCurrency": step.currency,
        "Attempts": step.attempts,
        "AttemptShare": step.share,
        "FailedBusiness": step.business,
        "FailedInfrastructure": step.infrastructure,
        "FailedUnclassified": step.unclassified,
        "FailedBusinessShare": step.business_share,
        "FailedInfrastructureShare": step.infrastructure_share,
        "FailedUnclassifiedShare": step.unclassified_share,
        "Retries": step.retries,
        "RetryShare": step.retry_share,
        "Cost": str(Decimal(step.retry_micros) / 10**6),
        "RetryCost": str(Decimal(step.retry_micros) / 10**6),
        "Succeeded": step.succeeded,
    }


def _instants(case: Case) -> list[int]:
    """When anything happened in a case."""
    problems = [instant for one in case.problems for instant in (one.opened, one.closed)]
    approvals = [instant for one in case.approvals for instant in (one.requested, one.decided)]
    return [instant for instant in (case.start, case.end, *problems, *approvals) if instant is not None]


def _problem(one: Problem) -> dict:
    return {
        "Fingerprint": "",
        "Class": one.error_class,
        "Code": one.code,
        "Step": one.step,
        "System": one.system,
        "Object": "",
        "OpenedAt": _time(one.opened),
        "ClosedAt": _time_or_none(one.closed),
        "State": one.state,
        "Attempts": 1,
        "Value": None if one.micros is None else str(Decimal(one.micros) / 10**6),
        "ValueCurrency": one.currency,
    }


def _approval(one: Approval) -> dict:
    return {
        "Step": one.step,
        "System": one.system,
        "RequestedAt": _time(one.requested),
        "DueAt": _time_or_none(one.due),
        "DecidedAt": _time_or_none(one.decided),
    }


def _duplicate(step: str, effects: int, start: int) -> dict:
    return {"Key": f"key-{step}", "Step": step, "Effects": effects, "First": _time(start), "Last": _time(start)}


def _time_or_none(instant: int | None) -> str | None:
    return None if instant is None else _time(instant)


def _time(instant: int) -> str:
    seconds, nanos = divmod(instant, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{nanos:09d}"
