"""Plain spans of a case's traces: what OpenTelemetry saw around and below its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.event import Event, event_of_span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from store.client import Row, Store

SpanKey = tuple[str, str]
"""(trace id, span id)"""

MAX_SPANS: Final = 2_000
"""Spans read for one trail. A batch job puts thousands of orders into one trace; a trail must not read all of it."""

MAX_TRACES: Final = 500


@dataclass(frozen=True, slots=True)
class PlainSpans:
    """``truncated`` tells that there are, or may be, more than ``events``."""

    events: tuple[Event, ...]
    truncated: bool


def plain_spans(store: Store, tenant: str, steps: Sequence[Event]) -> PlainSpans:
    """The plain spans in the traces of ``steps`` that belong to their case.

    A trace may serve several orders. A span below a step belongs to the case of that step, so spans below steps of
    other cases are left out; a span below no step (the batch's own, say) is everybody's.
    """
    traces = sorted({step.trace_id for step in steps})
    if not traces:
        return PlainSpans((), truncated=False)
    rows = store.query("trail_spans", tenant=tenant, traces=traces[:MAX_TRACES], limit=MAX_SPANS + 1)
    truncated = len(rows) > MAX_SPANS or len(traces) > MAX_TRACES
    forest = _Forest.of(rows[:MAX_SPANS], steps, complete=not truncated)
    return PlainSpans(tuple(event_of_span(row) for row in rows[:MAX_SPANS] if forest.belongs(row)), truncated)


@dataclass(frozen=True, slots=True)
class _Forest:
    """Spans by key, the keys of all steps and of the case's own; ``complete`` when no span of the traces is missing."""

    spans: Mapping[SpanKey, Row]
    steps: frozenset[SpanKey]
    own: frozenset[SpanKey]
    complete: bool

    @classmethod
    def of(cls, rows: Sequence[Row], own: Sequence[Event], *, complete: bool) -> _Forest:
        return cls(
            spans={(row["TraceId"], row["SpanId"]): row for row in rows},
            steps=frozenset(
                _step_key(row["TraceId"], row["SpanId"], row["StartedBy"]) for row in rows if row["IsStep"]
            ),
            own=frozenset(
                _step_key(step.trace_id, step.span_id, step.parent_span_id if step.state == "started" else "")
                for step in own
            ),
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


def _step_key(trace_id: str, span_id: str, started: str) -> SpanKey:
    """Where the children of a step hang: a started record stands for the span that is to come, its parent id."""
    return trace_id, started or span_id
