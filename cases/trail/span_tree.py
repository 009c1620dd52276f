"""The span trees of the traces of a case: which step is above a span, and to which case that step belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from store.client import Row

SpanKey = tuple[str, str]
"""(trace id, span id)"""

NOBODY: Final[SpanKey] = ("", "")
"""Stands for "no step above": such a span belongs to every case with a step in the trace."""


@dataclass(frozen=True, slots=True)
class Forest:
    """All spans of the traces of one case.

    ``spans``: the spans by key. ``steps``: the keys of all steps, of any case. ``own``: from the key below which the
    children of a step of this case are found to the key of that step; the two differ for a started record, whose
    children name the span that will finish the step. ``complete``: no span of the traces is missing. ``traces``: the
    traces with a step of this case. ``joint``: those of them that hold, or may hold, steps of other cases.
    """

    spans: Mapping[SpanKey, Row]
    steps: frozenset[SpanKey]
    own: Mapping[SpanKey, SpanKey]
    complete: bool
    traces: frozenset[str]
    joint: frozenset[str]

    @classmethod
    def of(cls, rows: Sequence[Row], own: Sequence[Row], *, complete: bool) -> Forest:
        """The forest of ``rows``, the spans of the traces of a case, and ``own``, the steps of that case."""
        # A span that was sent twice: the one received last wins.
        latest = sorted(rows, key=lambda row: int(row["ReceivedNs"]))
        steps = frozenset(_step_key(row, row["StartedBy"]) for row in rows if row["IsStep"])
        own_steps = {
            _step_key(step, step["ParentSpanId"] if step["State"] else ""): (step["TraceId"], step["SpanId"])
            for step in own
        }
        traces = frozenset(trace for trace, _ in own_steps)
        return cls(
            spans={(row["TraceId"], row["SpanId"]): row for row in latest},
            steps=steps,
            own=own_steps,
            complete=complete,
            traces=traces,
            joint=frozenset(key[0] for key in steps if key not in own_steps) if complete else traces,
        )

    def step_above(self, key: SpanKey) -> SpanKey | None:
        """The step of this case in or above the span ``key``; NOBODY if no step is above it.

        None if the step above belongs to another case, or if that is unknown because not all spans were read.
        """
        seen: set[SpanKey] = set()  # A sender may send spans that are each other's parents.
        while key[1] and key not in seen:
            if key in self.own:
                return self.own[key]
            if key in self.steps:
                return None
            if key not in self.spans:
                # A parent that was never sent: no step is above. A parent that was perhaps not read may be below a step
                # of another case, so leave the span out.
                return NOBODY if self.complete else None
            seen.add(key)
            key = key[0], self.spans[key]["ParentSpanId"]
        return NOBODY

    def plain(self) -> list[Row]:
        """The plain spans that belong to this case."""
        return [row for key, row in self.spans.items() if not row["IsStep"] and self.step_above(key) is not None]


def _step_key(row: Row, started: str) -> SpanKey:
    """The key that the children of a step name as their parent: of a started record, that of the span to come."""
    return row["TraceId"], started or row["SpanId"]
