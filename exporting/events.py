"""The events of a selection of cases as they are in the store, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from flowtrail import conventions as words

from cases.kpis import population

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cases.kpis import Selector
    from store.client import Store

_CASES: Final = 200
"""Cases read at a time: bounds the memory of an export."""


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """Something noted on a span: Unix nanoseconds, a name, attributes."""

    at: int
    name: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class ExportedEvent:
    """One step of one case. Times are Unix nanoseconds; ``attributes`` are as the store has them, all of them text."""

    case: str
    trace_id: str
    span_id: str
    parent_id: str
    system: str
    name: str
    kind: str
    start: int
    end: int
    attributes: dict[str, str]
    resource: dict[str, str]
    scope: tuple[str, str]
    failed: str
    message: str
    span_events: tuple[SpanEvent, ...]
    links: tuple[tuple[str, str, dict[str, str]], ...]
    trace_state: str

    @property
    def started(self) -> bool:
        """Whether it is the record of a step that has not finished."""
        return self.attributes.get(words.STEP_STATE) == words.STATE_STARTED

    @property
    def event_id(self) -> str:
        """Trace and span; of a step under way those of the span that will end it."""
        return f"{self.trace_id}-{self.parent_id if self.started else self.span_id}"

    @property
    def own_case(self) -> str:
        """The case that the event itself names; '' where it is reached by its ids."""
        return self.attributes.get(words.CASE_ID, "")


@dataclass(frozen=True, slots=True)
class SelectedCases:
    """Cases of one flow. ``only``: exactly these; else those of ``selector``, newest start first."""

    tenant: str
    flow: str
    selector: Selector | None = None
    only: Sequence[str] = ()


def read_events(store: Store, selection: SelectedCases) -> Iterator[ExportedEvent]:
    """The events case by case, within a case in order of their end."""
    for cases in _pages(store, selection):
        rows = store.query("exports/events", tenant=selection.tenant, flow=selection.flow, cases=list(cases))
        by_case = {case: list(events) for case, events in groupby(map(_event, rows), attrgetter("case"))}
        for case in cases:
            yield from _still_true(by_case.get(case, ()))


def column_names(store: Store, selection: SelectedCases) -> list[str]:
    """The words on the wire that the flow's steps carry, in alphabetical order."""
    return [str(row["Name"]) for row in store.query("exports/names", tenant=selection.tenant, flow=selection.flow)]


def _pages(store: Store, selection: SelectedCases) -> Iterator[Sequence[str]]:
    if selection.selector is None:
        yield selection.only
        return
    cursor: str | None = None
    while True:
        page = population(store, selection.tenant, selection.flow, selection.selector, _CASES, cursor)
        if page.cases:
            yield [case.case_id for case in page.cases]
        cursor = page.next
        if cursor is None:
            return


def _still_true(events: Iterable[ExportedEvent]) -> Iterator[ExportedEvent]:
    """Without started records of steps that have finished."""
    found = list(events)
    done = {(event.trace_id, event.span_id) for event in found if not event.started}
    return (event for event in found if not (event.started and (event.trace_id, event.parent_id) in done))


def _event(row: dict[str, Any]) -> ExportedEvent:
    return ExportedEvent(
        case=row["Case"],
        trace_id=row["TraceId"],
        span_id=row["SpanId"],
        parent_id=row["ParentSpanId"],
        system=row["ServiceName"],
        name=row["SpanName"],
        kind=row["SpanKind"],
        start=row["Began"],
        end=row["Began"] + row["Duration"],
        attributes=dict(row["SpanAttributes"]),
        resource=dict(row["ResourceAttributes"]),
        scope=(row["ScopeName"], row["ScopeVersion"]),
        failed=row["StatusCode"],
        message=row["StatusMessage"],
        span_events=tuple(map(SpanEvent, row["EventTimes"], row["EventNames"], map(dict, row["EventAttributes"]))),
        links=tuple(zip(row["LinkTraces"], row["LinkSpans"], map(dict, row["LinkAttributes"]), strict=True)),
        trace_state=row["TraceState"],
    )
