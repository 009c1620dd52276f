"""The events of the selected cases as they are in the store, read page by page."""

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
"""Cases that are read together. It limits the memory of an export."""


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """An OpenTelemetry event of a span. ``at``: Unix nanoseconds."""

    at: int
    name: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class ExportedEvent:
    """An event of a case. Times are Unix nanoseconds. ``attributes`` are as the store has them: all values are text."""

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
        """Whether this is the record of a step that has not finished."""
        return self.attributes.get(words.STEP_STATE) == words.STATE_STARTED

    @property
    def event_id(self) -> str:
        """Trace id and span id. A started record has the ids of the span that will end the step."""
        return f"{self.trace_id}-{self.parent_id if self.started else self.span_id}"

    @property
    def own_case(self) -> str:
        """The case that the event itself names; '' if the event belongs to cases by its identifiers."""
        return self.attributes.get(words.CASE_ID, "")


@dataclass(frozen=True, slots=True)
class SelectedCases:
    """Cases of one flow: those in ``only``, or else those that ``selector`` selects, newest start first."""

    tenant: str
    flow: str
    selector: Selector | None = None
    only: Sequence[str] = ()


def read_events(store: Store, selection: SelectedCases) -> Iterator[ExportedEvent]:
    """The events case by case; within a case in the order of their ends."""
    for cases in _pages(store, selection):
        rows = store.query("exports/events", tenant=selection.tenant, flow=selection.flow, cases=list(cases))
        by_case = {case: list(events) for case, events in groupby(map(_event, rows), attrgetter("case"))}
        for case in cases:
            yield from _without_finished_records(by_case.get(case, ()))


def column_names(store: Store, selection: SelectedCases) -> list[str]:
    """The names of the attributes of the flow's steps, in alphabetical order."""
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


def _without_finished_records(events: Iterable[ExportedEvent]) -> Iterator[ExportedEvent]:
    """``events`` without the started records of steps that have finished since."""
    of_case = list(events)
    # A started record is a child of the span that ends its step.
    finished = {(event.trace_id, event.span_id) for event in of_case if not event.started}
    return (event for event in of_case if not (event.started and (event.trace_id, event.parent_id) in finished))


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
