"""Plain spans: the spans without ``flow.step`` in the traces of a case."""

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
"""At most so many spans are read for a trail. A batch job may put thousands of orders into one trace."""

MAX_TRACES: Final = 500

_DAY_NS: Final = 86_400 * instants.SECOND
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class PlainSpans:
    """``events``: the plain spans of the case. ``forest``: all spans that were read. ``truncated``: not all."""

    events: tuple[TrailEvent, ...]
    truncated: bool
    forest: Forest


def plain_spans(store: Store, tenant: str, steps: Sequence[Row]) -> PlainSpans:
    """The plain spans of the case whose steps are ``steps``.

    A trace may serve several cases. A span below a step belongs to the case of that step. A span below no step, such as
    that of a batch job itself, belongs to every case in the trace.
    """
    traces = sorted({step["TraceId"] for step in steps})
    if not traces:
        return PlainSpans((), truncated=False, forest=Forest.of((), steps, complete=True))
    params = {"traces": traces[:MAX_TRACES], "days": days_around(steps), "limit": MAX_SPANS + 1}
    rows = store.query("trail/spans", tenant=tenant, **params)
    truncated = len(rows) > MAX_SPANS or len(traces) > MAX_TRACES
    forest = Forest.of(rows[:MAX_SPANS], steps, complete=not truncated)
    return PlainSpans(tuple(event_of_span(row) for row in forest.plain()), truncated, forest)


def days_around(steps: Sequence[Row]) -> list[date]:
    """The UTC days on which ``steps`` were received, with the days before and after each.

    The other spans of a trace are received at about the same time, and the store reads only the parts of these days.
    """
    received = {step["ReceivedNs"] // _DAY_NS for step in steps}
    return [date.fromordinal(_EPOCH + day) for day in sorted({day + near for day in received for near in (-1, 0, 1)})]
