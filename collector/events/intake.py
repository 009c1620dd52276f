"""A request of JSON events becomes one OTLP request and a word on the fate of each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from collector.events.event import FIELDS, Event
from collector.events.fault import Fault, faults_of
from collector.events.identity import Identity, identify
from collector.events.spans import export_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.check.rules import TimeWindow
    from collector.events.body import RawEvent


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that is taken, by its place in the request, and the span it is."""

    index: int
    id: str | None
    identity: Identity

    def as_json(self) -> dict[str, Any]:
        """What the answer says of it."""
        span = {"trace_id": self.identity.trace_id.hex(), "span_id": self.identity.span_id.hex()}
        return {"index": self.index, **({"id": self.id} if self.id is not None else {}), **span}


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that is not taken, by its place in the request, and why."""

    index: int
    id: str | None
    faults: Sequence[Fault]

    def as_json(self) -> dict[str, Any]:
        """What the answer says of it."""
        errors = [fault.as_json() for fault in self.faults]
        return {"index": self.index, **({"id": self.id} if self.id is not None else {}), "errors": errors}


@dataclass(frozen=True, slots=True)
class EventResults:
    """What came of a request. ``request``: the ExportTraceServiceRequest of what is accepted, in the same order."""

    request: bytes
    accepted: Sequence[Accepted]
    rejected: Sequence[Rejected]


def read_events(items: Sequence[RawEvent], tenant: str, received_ns: int, window: TimeWindow) -> EventResults:
    """Check each item on its own; ``received_ns``, Unix nanoseconds, is the time of events without one.

    ``window``: the times that are believed. Of events with the same ids in one request the last one counts.
    """
    taken: dict[Identity, Event] = {}
    accepted: list[Accepted] = []
    rejected: list[Rejected] = []
    for index, item in enumerate(items):
        event, faults = _check(item, window)
        if event is None or item.content is None:
            rejected.append(Rejected(index, _id_of(item.content), faults))
            continue
        identity = identify(event, item.content, tenant)
        accepted.append(Accepted(index, event.id, identity))
        taken[identity] = event
    return EventResults(export_request(taken.items(), received_ns) if taken else b"", accepted, rejected)


def _check(item: RawEvent, window: TimeWindow) -> tuple[Event | None, Sequence[Fault]]:
    if item.content is None:
        return None, [item.fault] if item.fault else []
    try:
        event = Event.model_validate(_present(item.content))
    except ValidationError as error:
        return None, faults_of(error.errors(include_url=False), FIELDS)
    faults = [*event.faults(), *_unbelievable(event, window)]
    return (None, faults) if faults else (event, [])


def _unbelievable(event: Event, window: TimeWindow) -> Iterator[Fault]:
    """Times that the check of every request would reject, by the name of the event's field."""
    end = event.end_ns(event.time) if event.time is not None else None
    for field, time_ns in (("time", event.time), ("end" if event.end is not None else "duration_s", end)):
        why = window.fault(time_ns, field) if time_ns is not None else ""
        if why:
            yield Fault(field, f"{why[0].upper()}{why[1:]}.", "Check the year, the unit and the sender's clock.")
            return


def _present(content: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is null or '': a spreadsheet sends its empty cells too."""
    return {
        name: _present(value) if isinstance(value, dict) else value
        for name, value in content.items()
        if value is not None and value != ""
    }


def _id_of(content: Mapping[str, Any] | None) -> str | None:
    """The event's own id for the answer, if it is short enough to be one."""
    found = (content or {}).get("id")
    return str(found)[:256] if isinstance(found, (str, int)) and not isinstance(found, bool) else None
