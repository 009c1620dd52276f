"""What an import would do: the first events as they would be sent, and what was guessed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from flowtrail import conventions as words

from importing.event_log import open_event_log
from importing.reading.file_format import format_of

if TYPE_CHECKING:
    from importing.errors import Unreadable
    from importing.event_log import LogFile
    from importing.events.event import ImportedEvent
    from importing.mapping.completion import CompletedMapping

_EVENTS: Final = 10
_SHOWN_FIRST: Final = (
    words.FLOW_NAME, words.CASE_ID, words.STEP, words.ACTOR_TYPE, words.ACTOR_ID, words.ACTION, words.OUTCOME,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """``document`` for programs, ``text`` for people."""

    document: dict[str, Any]
    text: str


def preview(job: LogFile, wanted: int = _EVENTS) -> Preview:
    """The first ``wanted`` events of ``job``. Raises ImportFailed; sends nothing."""
    kind = job.kind or format_of(job.path)
    if kind == "otlp-json":
        text = f"{job.name} holds spans (OTLP JSON). They are sent as they are."
        return Preview({"file": job.name, "format": kind, "guessed": [], "events": [], "problems": []}, text)
    problems: list[Unreadable] = []
    with ExitStack() as stack:
        opened = open_event_log(job, stack, problems.append)
        events = list(islice(chain.from_iterable(opened.events()), wanted))
    document = {
        "file": job.name,
        "format": kind,
        "guessed": list(opened.guessed.sentences),
        "events": [_document(event) for event in events],
        "problems": [str(problem) for problem in problems[:_EVENTS]],
    }
    return Preview(document, "\n".join(_lines(job, kind, opened.guessed, events, problems)))


def _lines(
    job: LogFile, kind: str, guessed: CompletedMapping, events: list[ImportedEvent], problems: list[Unreadable]
) -> list[str]:
    lines = [f"{job.name}: {kind}. Nothing is sent."]
    if guessed.sentences:
        lines += ["", "Not said by a mapping, so guessed:", *(f"  {sentence}" for sentence in guessed.sentences)]
    lines += ["", f"The first {len(events)} events:" if events else "Not one event could be read."]
    for event in events:
        lines += ["", f"  {_moment(event.start)}  {_length(event)}{event.step}", f"    system: {event.system}"]
        names = [*(name for name in _SHOWN_FIRST if name in event.attributes), *event.attributes]
        lines += [
            f"    {name}: {_shown(event.attributes[name])}" for name in dict.fromkeys(names) if name != words.STEP
        ]
    if problems:
        lines += ["", "Cannot be read, among the first records:", *(f"  {one}" for one in problems[:_EVENTS])]
    return lines


def _document(event: ImportedEvent) -> dict[str, Any]:
    return {
        "start": _moment(event.start),
        "end": _moment(event.end),
        "system": event.system,
        "trace_id": event.trace_id.hex(),
        "span_id": f"{event.span_id:016x}",
        "failed": event.failed,
        "attributes": event.attributes,
    }


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _moment(ns: int) -> str:
    return datetime.fromtimestamp(ns / 1e9, UTC).isoformat(sep=" ", timespec="milliseconds")


def _length(event: ImportedEvent) -> str:
    seconds = (event.end - event.start) / 1e9
    return f"({seconds:,.0f} s)  " if seconds else ""
