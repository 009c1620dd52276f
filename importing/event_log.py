"""A log that is understood: opened, its mapping completed from a sample, its cases put together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from importing.events.interpreter import Interpreter
from importing.events.objects import guess_lead
from importing.mapping.completion import CompletedMapping, attribute_names, complete_mapping
from importing.reading.file_format import format_of, stem
from importing.reading.record_stream import open_records
from importing.reading.spool import database, grouped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import ExitStack
    from pathlib import Path

    from importing.errors import Unreadable
    from importing.events.event import ImportedEvent
    from importing.mapping.mapping import Mapping
    from importing.reading.record_stream import RecordStream
    from importing.record import Record

_SAMPLE_CASES: Final = 500
_SAMPLE_PORTIONS: Final = 10
"""What is looked at to guess what attributes mean: cases, or portions of about a thousand records."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log and what is said of it. ``kind``: one of ``FORMATS``, '' to find out."""

    path: Path
    mapping: Mapping
    kind: str = ""

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True, slots=True)
class EventLog:
    """A log that is understood: its events, case by case, and what was guessed for it."""

    log: RecordStream
    guessed: CompletedMapping
    interpreter: Interpreter
    groups: Iterator[list[Record]]

    def events(self) -> Iterator[list[ImportedEvent]]:
        """The events of each case."""
        for records in self.groups:
            if found := self.interpreter.events(records):
                yield found


def open_event_log(
    job: LogFile, stack: ExitStack, complain: Callable[[Unreadable], None], tick: Callable[[], None] = lambda: None
) -> EventLog:
    """Open the log of ``job``, complete its mapping from a sample, and put its cases together.

    What is open is closed with ``stack``; ``tick`` is called as the file is read. Raises ImportFailed.
    """
    kind = job.kind or format_of(job.path)
    log = open_records(job.path, kind, job.mapping, stack, complain)
    sample = list(islice(log.groups, _SAMPLE_CASES if log.in_cases else _SAMPLE_PORTIONS))
    flat = [record for group in sample for record in group]
    mapping = job.mapping
    if flat and flat[0].relations and not mapping.objects.lead:
        lead = guess_lead(flat)
        mapping = mapping.model_copy(update={"objects": mapping.objects.model_copy(update={"lead": lead})})
    guessed = complete_mapping(mapping, attribute_names(flat), kind, stem(job.path))
    if mapping is not job.mapping:
        sentence = f"objects.lead: {mapping.objects.lead!r}, the object that most events have one of"
        guessed = CompletedMapping(guessed.mapping, (sentence, *guessed.sentences))
    interpreter = Interpreter(guessed.mapping, complain)
    groups: Iterator[list[Record]] = chain(sample, _ticking(log.groups, tick))
    if not log.in_cases:
        records = (record for group in groups for record in group)
        groups = grouped(stack.enter_context(database()), records, interpreter.case_of)
    return EventLog(log, guessed, interpreter, groups)


def _ticking(groups: Iterator[list[Record]], tick: Callable[[], None]) -> Iterator[list[Record]]:
    for group in groups:
        tick()
        yield group
