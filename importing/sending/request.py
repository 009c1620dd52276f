"""A log in portions that are requests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from flowtrail import conventions as words

from importing.errors import Place
from importing.reading.file_format import opened as unpacked
from importing.reading.readers import otlp_json
from importing.sending.client import JSON, PROTOBUF
from importing.sending.span import request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from importing.event_log import EventLog, LogFile
    from importing.events.event import ImportedEvent

_EVENTS: Final = 1000
"""Events in a request."""

_VALUES: Final = 20_000
"""Attributes in a request, at most, so that it stays below a collector's largest one."""


@dataclass(frozen=True, slots=True)
class Part:
    """One request: ``count`` events of ``cases`` (flow, id), from ``first`` to ``last`` in Unix nanoseconds."""

    place: Place
    count: int
    cases: set[tuple[str, str]]
    first: int
    last: int
    body: Callable[[], bytes]
    content_type: str = PROTOBUF


def parts(opened: EventLog, name: str) -> Iterator[Part]:
    """The events of a log that is understood."""
    batch: list[ImportedEvent] = []
    values = 0
    for events in opened.events():
        for event in events:
            batch.append(event)
            values += len(event.attributes)
            if len(batch) >= _EVENTS or values >= _VALUES:
                yield _part(batch, name)
                batch, values = [], 0
    if batch:
        yield _part(batch, name)


def otlp_requests(job: LogFile) -> Iterator[Part]:
    """The spans of a file in OTLP JSON, as they are."""
    number = 1
    for resources in otlp_json.read_otlp(lambda: unpacked(job.path), job.name):
        spans = list(otlp_json.spans(resources))
        cases = {
            (otlp_json.text_of(span, words.FLOW_NAME), case)
            for span in spans
            if (case := otlp_json.text_of(span, words.CASE_ID))
        }
        starts = [int(span.get("startTimeUnixNano") or 0) for span in spans] or [0]
        ends = [int(span.get("endTimeUnixNano") or 0) for span in spans] or [0]
        place = Place(job.name, number, "span")
        number += len(spans)
        yield Part(place, len(spans), cases, min(starts), max(ends), partial(otlp_json.body, resources), JSON)


def _part(batch: Sequence[ImportedEvent], name: str) -> Part:
    cases = {event.case for event in batch if event.case[1]}
    first, last = min(event.start for event in batch), max(event.end for event in batch)
    return Part(batch[0].place, len(batch), cases, first, last, partial(request, batch, name))
