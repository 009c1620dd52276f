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
class Case:
    """Times in nanoseconds; ``end`` is None in flight."""

    case_id: str
    start: int
    end: int | None = None
    outcome: str = "completed"
    dims: dict[str, str] = field(default_factory=dict)
    touches: int = 0
    unknown_events: int = 0
    steps: tuple[Step, ...] = ()


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
        "LastEvent": _time(case.end or case.start),
        "Outcome": "" if case.end is None else case.outcome,
        "Dims": case.dims,
        "UnknownEvents": case.unknown_events,
        "Touches": case.touches,
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


def _time(instant: int) -> str:
    seconds, nanos = divmod(instant, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{nanos:09d}"
