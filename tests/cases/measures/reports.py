"""Reports of measures, and how they get into the table ``measures``."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from store.client import Store

SECOND = 10**9
HOUR = 3600 * SECOND
DAY = 24 * HOUR


@dataclass(frozen=True)
class Report:
    """One value of one series at ``time``, about the time since ``start`` (0: unknown); nanoseconds."""

    series: int
    time: int
    value: Decimal
    start: int = 0
    dims: dict[str, str] = field(default_factory=dict, hash=False)


def insert(store: Store, flow: str, measure: str, kind: str, *reports: Report, unit: str = "", tenant: str = "default"):
    """Write ``reports`` as the decoding view would."""
    sent = {"counter": {"Kind": "cumulative", "Monotonic": True}, "level": {"Kind": "cumulative"}}
    own = {"Tenant": tenant, "Flow": flow, "Measure": measure, "Unit": unit} | sent.get(kind, {"Kind": kind})
    lines = [json.dumps(own | _row(report)) for report in reports]
    if lines:
        store.raw_insert("measures", "\n".join(lines).encode(), "JSONEachRow", {})


def _row(report: Report) -> dict:
    return {
        "Series": report.series,
        "Time": _time(report.time),
        "StartTime": _time(report.start),
        "Value": str(report.value),
        "System": f"system-{report.series}",
        "Dims": report.dims,
    }


def _time(instant: int) -> str:
    seconds, nanos = divmod(instant, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{nanos:09d}"
