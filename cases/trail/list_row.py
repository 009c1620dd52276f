"""A case as one line of a list: of search results, or of the cases behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.money import Money, optional
from cases.trail.facts import TimeLimit, time_limit
from cases.trail.position import Position, position_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cases.identifier import CaseKey
    from store.client import Row, Store


@dataclass(frozen=True, slots=True)
class CaseListRow:
    """One case in short. Times are UTC.

    ``end`` and ``outcome`` are None while the case is in flight; ``due_at`` is None without an SLA.
    ``exceptions_n`` counts all exceptions, ``exceptions_open_n`` those that are open.
    """

    flow: str
    case_id: str
    in_flight: bool
    outcome: str | None
    start: datetime
    end: datetime | None
    value: Money | None
    now: Position
    success: bool
    due_at: datetime | None
    exceptions_n: int
    exceptions_open_n: int

    def time_limit(self, as_of: datetime) -> TimeLimit | None:
        """Whether the case met its SLA, breached it or is still due, at ``as_of``; None without an SLA."""
        return time_limit({"DueAt": self.due_at, "End": self.end}, as_of)


def list_rows(store: Store, tenant: str, keys: Iterable[CaseKey]) -> dict[CaseKey, CaseListRow]:
    """The cases with these ``keys``, by key. A key without a case is left out."""
    distinct = sorted(set(keys))
    if not distinct:
        return {}
    # Until ClickHouse merges them, a case may have rows of several versions. Sorted so, the last version wins below.
    rows = sorted(store.query("cases/briefs", tenant=tenant, keys=distinct), key=lambda row: int(row["Version"]))
    return {(row["Flow"], row["CaseId"]): list_row_of(row) for row in rows}


def list_row_of(row: Row) -> CaseListRow:
    """The line for a row of ``cases``."""
    return CaseListRow(
        flow=row["Flow"],
        case_id=row["CaseId"],
        in_flight=row["End"] is None,
        outcome=row["Outcome"] or None,
        start=row["Start"],
        end=row["End"],
        value=optional(row["Value"], row["ValueCurrency"]),
        now=position_of(row),
        success=row["Success"],
        due_at=row["DueAt"],
        exceptions_n=row["ExceptionsAll"],
        exceptions_open_n=row["ExceptionsOpen"],
    )
