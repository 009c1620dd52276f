"""Plain spans of a case's traces: what OpenTelemetry saw around and below its steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from cases import instants
from cases.trail.event import TrailEvent, event_of_span
from cases.trail.span_tree import Forest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.client import Row, Store

MAX_SPANS: Final = 2_000
"""Spans read for one trail. A batch job puts thousands of orders into one trace; a trail must not read all of it."""

MAX_TRACES: Final = 500

_DAY_NS: Final = 86_400 * instants.SECOND
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class PlainSpans:
    """``truncated`` tells that there are, or may be, more than ``events``; ``forest`` is what they were found in."""

    events: tuple[TrailEvent, ...]
    truncated: bool
    forest: Forest


def plain_spans(store: Store, tenant: str, steps: Sequence[Row]) -> PlainSpans:
    """The plain spans in the traces of ``steps`` (all of one case) that belong to that case.

    A trace may serve several orders. A span below a step belongs to the case of that step, so spans below steps of
    other cases are left out; a span below no step (the batch's own, say) is everybody's.
    """
    traces = sorted({step["TraceId"] for step in steps})
    if not traces:
        return PlainSpans((), truncated=False, forest=Forest.of((), steps, complete=True))
    asked = {"traces": traces[:MAX_TRACES], "days": days_around(steps), "limit": MAX_SPANS + 1}
    rows = store.query("trail/spans", tenant=tenant, **asked)
    truncated = len(rows) > MAX_SPANS or len(traces) > MAX_TRACES
    forest = Forest.of(rows[:MAX_SPANS], steps, complete=not truncated)
    return PlainSpans(tuple(event_of_span(row) for row in forest.plain()), truncated, forest)


def days_around(steps: Sequence[Row]) -> list[date]:
    """The days (UTC) around those on which ``steps`` were received: the other spans of their traces came with them."""
    received = {step["ReceivedNs"] // _DAY_NS for step in steps}
    return [date.fromordinal(_EPOCH + day) for day in sorted({day + near for day in received for near in (-1, 0, 1)})]
