"""Plain spans of a case's traces: what OpenTelemetry saw around and below its steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from cases import instants
from cases.event import Event, event_of_span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from store.client import Row, Store

SpanKey = tuple[str, str]
"""(trace id, span id)"""

MAX_SPANS: Final = 2_000
"""Spans read for one trail. A batch job puts thousands of orders into one trace; a trail must not read all of it."""

MAX_TRACES: Final = 500

_DAY_NS: Final = 86_400 * instants.SECOND
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class PlainSpans:
    """``truncated`` tells that there are, or may be, more than ``events``."""

    events: tuple[Event, ...]
    truncated: bool


def plain_spans(store: Store, tenant: str, steps: Sequence[Row]) -> PlainSpans:
    """The plain spans in the traces of ``steps`` (all of one case) that belong to that case.

    A trace may serve several orders. A span below a step belongs to the case of that step, so spans below steps of
    other cases are left out; a span below no step (the batch's own, say) is everybody's.
    """
    traces = sorted({step["TraceId"] for step in steps})
    if not traces:
        return PlainSpans((), truncated=False)
    asked = {"traces": traces[:MAX_TRACES], "days": _days(steps), "limit": MAX_SPANS + 1}
    rows = store.query("trail_spans", tenant=tenant, **asked)
    truncated = len(rows) > MAX_SPANS or len(traces) > MAX_TRACES
    forest = _Forest.of(rows[:MAX_SPANS], steps, complete=not truncated)
    return PlainSpans(tuple(event_of_span(row) for row in forest.spans.values() if forest.belongs(row)), truncated)


def _days(steps: Sequence[Row]) -> list[date]:
    """The days (UTC) around those on which ``steps`` were received: the other spans of their traces came with them."""
    received = {step["ReceivedNs"] // _DAY_NS for step in steps}
    return [date.fromordinal(_EPOCH + day) for day in sorted({day + near for day in received for near in (-1, 0, 1)})]


@dataclass(frozen=True, slots=True)
class _Forest:
    """Spans by key, the keys of all steps and of the case's own; ``complete`` when no span of the traces is missing."""

    spans: Mapping[SpanKey, Row]
    steps: frozenset[SpanKey]
    own: frozenset[SpanKey]
    complete: bool

    @classmethod
    def of(cls, rows: Sequence[Row], own: Sequence[Row], *, complete: bool) -> _Forest:
        latest = sorted(rows, key=lambda row: int(row["ReceivedNs"]))
        return cls(
            spans={(row["TraceId"], row["SpanId"]): row for row in latest},
            steps=frozenset(_step_key(row, row["StartedBy"]) for row in rows if row["IsStep"]),
            own=frozenset(_step_key(step, step["ParentSpanId"] if step["State"] else "") for step in own),
            complete=complete,
        )

    def belongs(self, row: Row) -> bool:
        """Whether ``row`` is a plain span and the nearest step above it is the case's own or there is none."""
        if row["IsStep"]:
            return False
        seen: set[SpanKey] = set()
        key = row["TraceId"], row["ParentSpanId"]
        while key[1] and key not in seen:
            if key in self.own or key in self.steps:
                return key in self.own
            if key not in self.spans:
                return self.complete  # Never sent: count the span in. Perhaps not read: leave it out.
            seen.add(key)
            key = key[0], self.spans[key]["ParentSpanId"]
        return True


def _step_key(row: Row, started: str) -> SpanKey:
    """Where the children of a step hang: a started record stands for the span that is to come, its parent id."""
    return row["TraceId"], started or row["SpanId"]
