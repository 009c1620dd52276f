"""The steps of a case as rows of the store, each once."""

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
    """``rows`` in order of start; of steps that start together, the longest first. ``truncated``: there are more."""

    rows: tuple[Row, ...]
    truncated: bool


def read_steps(store: Store, tenant: str, key: CaseKey, ids: Sequence[IdKey]) -> Steps:
    """The steps of the case ``key``, which reaches ``ids``. At most MAX_STEPS."""
    # A step is stored under each id it carries, and may be there twice until ClickHouse merges its rows.
    limit = 4 * MAX_STEPS
    rows = store.query("trail/steps", tenant=tenant, flow=key[0], case_id=key[1], keys=ids, limit=limit)
    steps = sorted(_each_once(rows), key=lambda row: (row["StartNs"], -row["EndNs"], row["TraceId"], row["SpanId"]))
    return Steps(tuple(steps[:MAX_STEPS]), truncated=len(rows) == limit or len(steps) > MAX_STEPS)


def _each_once(rows: Iterable[Row]) -> Iterable[Row]:
    """One row per step: its finished span if there is one, and the one received last. The fold decides the same way."""
    best: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=_precedence):
        # A started record names the span that will finish the step as its parent.
        span_id = row["ParentSpanId"] if row["State"] else row["SpanId"]
        best.setdefault((row["TraceId"], span_id), row)
    return best.values()


def _precedence(row: Row) -> tuple[str, int, int, int, str]:
    return row["State"], -row["ReceivedNs"], -row["EndNs"], -row["StartNs"], row["SpanId"]
