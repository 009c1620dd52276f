"""The spans of a case's traces as trees: which step is above which span, and whose step it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from store.client import Row

SpanKey = tuple[str, str]
"""(trace id, span id)"""

NOBODY: Final[SpanKey] = ("", "")
"""Above a span that hangs below no step: it is everybody's who has a step in the trace."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Spans by key, the keys of all steps and of the case's own; ``complete`` when no span of the traces is missing.

    ``traces`` are those with a step of the case, ``joint`` those of them that hold, or may hold, steps of other cases.
    ``own`` leads from where the children of a step hang to the step's own key: a started record stands for the span
    that is to come.
    """

    spans: Mapping[SpanKey, Row]
    steps: frozenset[SpanKey]
    own: Mapping[SpanKey, SpanKey]
    complete: bool
    traces: frozenset[str]
    joint: frozenset[str]

    @classmethod
    def of(cls, rows: Sequence[Row], own: Sequence[Row], *, complete: bool) -> Forest:
        """``rows`` are spans of the case's traces, ``own`` the case's steps."""
        latest = sorted(rows, key=lambda row: int(row["ReceivedNs"]))
        steps = frozenset(_step_key(row, row["StartedBy"]) for row in rows if row["IsStep"])
        hung = {
            _step_key(step, step["ParentSpanId"] if step["State"] else ""): (step["TraceId"], step["SpanId"])
            for step in own
        }
        traces = frozenset(trace for trace, _ in hung)
        return cls(
            spans={(row["TraceId"], row["SpanId"]): row for row in latest},
            steps=steps,
            own=hung,
            complete=complete,
            traces=traces,
            joint=frozenset(key[0] for key in steps if key not in hung) if complete else traces,
        )

    def step_above(self, key: SpanKey) -> SpanKey | None:
        """The case's own step in or above the span ``key``, NOBODY, or None where the span belongs to another case.

        None also where that cannot be told, because not all spans of the traces were read.
        """
        seen: set[SpanKey] = set()
        while key[1] and key not in seen:
            if key in self.own:
                return self.own[key]
            if key in self.steps:
                return None
            if key not in self.spans:
                return NOBODY if self.complete else None  # Never sent: count it in. Perhaps not read: leave it out.
            seen.add(key)
            key = key[0], self.spans[key]["ParentSpanId"]
        return NOBODY

    def plain(self) -> list[Row]:
        """The spans that are no step and belong to the case."""
        return [row for key, row in self.spans.items() if not row["IsStep"] and self.step_above(key) is not None]


def _step_key(row: Row, started: str) -> SpanKey:
    """Where the children of a step hang: a started record stands for the span that is to come, its parent id."""
    return row["TraceId"], started or row["SpanId"]
