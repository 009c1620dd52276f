"""The steps of a case as they are stored, each once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.trail.sharing import MAX_STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cases.identifier import CaseKey, IdKey
    from store.client import Row, Store


@dataclass(frozen=True, slots=True)
class Steps:
    """``rows`` in order of start, the longest first of those that start together; ``truncated``: there are more."""

    rows: tuple[Row, ...]
    truncated: bool


def read_steps(store: Store, tenant: str, key: CaseKey, ids: Sequence[IdKey]) -> Steps:
    """The steps of the case ``key``, which reaches ``ids``: at most MAX_STEPS."""
    # A step is stored under each id it carries, and perhaps twice until rows are merged.
    limit = 4 * MAX_STEPS
    rows = store.query("trail/steps", tenant=tenant, flow=key[0], case_id=key[1], keys=ids, limit=limit)
    steps = sorted(_each_once(rows), key=lambda row: (row["StartNs"], -row["EndNs"], row["TraceId"], row["SpanId"]))
    return Steps(tuple(steps[:MAX_STEPS]), truncated=len(rows) == limit or len(steps) > MAX_STEPS)


def _each_once(rows: Iterable[Row]) -> Iterable[Row]:
    """One row per step: its finished span before its started record, the last one received. The fold does the same."""
    best: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=_precedence):
        real = row["ParentSpanId"] if row["State"] else row["SpanId"]
        best.setdefault((row["TraceId"], real), row)
    return best.values()


def _precedence(row: Row) -> tuple[str, int, int, int, str]:
    return row["State"], -row["ReceivedNs"], -row["EndNs"], -row["StartNs"], row["SpanId"]
