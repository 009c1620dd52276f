"""Turns a request of JSON events into one OTLP request and a result for each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from collector.events.event import FIELDS, Event
from collector.events.fault import Fault, faults_of
from collector.events.identity import Identity, identify
from collector.events.spans import export_request
from collector.events.values import MAX_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.check.rules import TimeWindow
    from collector.events.body import RawEvent


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted event: its position in the request, its own id and the ids of its span."""

    index: int
    id: str | None
    identity: Identity

    def as_json(self) -> dict[str, Any]:
        """Its entry in the answer."""
        span = {"trace_id": self.identity.trace_id.hex(), "span_id": self.identity.span_id.hex()}
        return {"index": self.index, **({"id": self.id} if self.id is not None else {}), **span}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected event: its position in the request, its own id and the faults."""

    index: int
    id: str | None
    faults: Sequence[Fault]

    def as_json(self) -> dict[str, Any]:
        """Its entry in the answer."""
        errors = [fault.as_json() for fault in self.faults]
        return {"index": self.index, **({"id": self.id} if self.id is not None else {}), "errors": errors}


@dataclass(frozen=True, slots=True)
class EventResults:
    """The result of a request. ``request``: the ExportTraceServiceRequest of the accepted events; empty if none is."""

    request: bytes
    accepted: Sequence[Accepted]
    rejected: Sequence[Rejected]


def read_events(raw_events: Sequence[RawEvent], tenant: str, received_ns: int, window: TimeWindow) -> EventResults:
    """Check each event on its own. ``received_ns`` (Unix nanoseconds) is the time of events without one.

    ``window``: the times that are accepted. If events of one request have the same ids, the last one counts.
    """
    by_identity: dict[Identity, Event] = {}
    accepted: list[Accepted] = []
    rejected: list[Rejected] = []
    for index, raw in enumerate(raw_events):
        event, faults = _check(raw, window)
        if event is None or raw.content is None:
            rejected.append(Rejected(index, _id_of(raw.content), faults))
            continue
        identity = identify(event, raw.content, tenant)
        accepted.append(Accepted(index, event.id, identity))
        by_identity[identity] = event
    request = export_request(by_identity.items(), received_ns) if by_identity else b""
    return EventResults(request, accepted, rejected)


def _check(raw: RawEvent, window: TimeWindow) -> tuple[Event | None, Sequence[Fault]]:
    if raw.content is None:
        return None, [raw.fault] if raw.fault else []
    try:
        event = Event.model_validate(_without_blanks(raw.content))
    except ValidationError as error:
        return None, faults_of(error.errors(include_url=False), FIELDS)
    faults = [*event.faults(), *_time_faults(event, window)]
    return (None, faults) if faults else (event, [])


def _time_faults(event: Event, window: TimeWindow) -> Iterator[Fault]:
    """The first time that the check of the OTLP request would reject, under the name of the event's field."""
    end = event.end_ns(event.time) if event.time is not None else None
    for field, time_ns in (("time", event.time), ("end" if event.end is not None else "duration_s", end)):
        why = window.fault(time_ns, field) if time_ns is not None else ""
        if why:
            yield Fault(field, f"{why[0].upper()}{why[1:]}.", "Check the year, the unit and the sender's clock.")
            return


def _without_blanks(content: Mapping[str, Any]) -> dict[str, Any]:
    """``content`` without values that are null or '': a spreadsheet sends its empty cells too."""
    return {
        name: _without_blanks(value) if isinstance(value, dict) else value
        for name, value in content.items()
        if value is not None and value != ""
    }


def _id_of(content: Mapping[str, Any] | None) -> str | None:
    """The own id of a rejected event for the answer, shortened; None if it has none."""
    own_id = (content or {}).get("id")
    return str(own_id)[:MAX_ID] if isinstance(own_id, (str, int)) and not isinstance(own_id, bool) else None
