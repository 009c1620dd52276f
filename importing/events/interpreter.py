"""From the records of a case to its events: what each says, which belong together, what ends the case."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flowtrail import conventions as words

from importing.errors import Unreadable
from importing.events.event import ImportedEvent, span_id, trace_id
from importing.events.lifecycle import Transitions
from importing.events.mapped_record import RecordMapper
from importing.events.objects import ObjectAttributes
from importing.mapping.patterns import any_of
from importing.mapping.selectors import Selectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from importing.events.lifecycle import StepRun
    from importing.events.mapped_record import MappedRecord
    from importing.mapping.mapping import Mapping
    from importing.record import Record

OLDEST_NS: Final = 946_684_800_000_000_000
"""2000-01-01: before it a collector believes no time, unless told otherwise."""

_DAY_NS: Final = 86_400_000_000_000
_MAX_IDS: Final = 1000
OCEL_ID: Final = "ocel:eid"
_EXPORTED: Final = re.compile(r"([0-9a-f]{32})-([0-9a-f]{16})")
"""The id of an event in our own exports: its trace and span."""


@dataclass(slots=True)
class Counts:
    """What the records came to."""

    records: int = 0
    events: int = 0
    skipped: int = 0
    actors: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    unknown_resources: Counter[str] = field(default_factory=Counter)


class Interpreter:
    """Reads groups of records (a case each) by a complete mapping. ``complain`` hears of what cannot be read."""

    def __init__(
        self,
        mapping: Mapping,
        complain: Callable[[Unreadable], None],
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.counts = Counts()
        self._mapping = mapping
        self._complain = complain
        self._clock = clock
        self._facts = RecordMapper(mapping, complain)
        self._transitions = Transitions(mapping)
        self._objects = ObjectAttributes(mapping.objects)
        select = Selectors(mapping.nulls)
        self._case, self._flow, self._system = (select.one(one) for one in (mapping.case, mapping.flow, mapping.system))
        self._last = [(any_of(rule.contains), any_of(rule.ends_with), rule) for rule in mapping.outcomes.last]

    def case_of(self, record: Record) -> str:
        """Under which name the records of one case are put together; '' if this one names no case."""
        if record.relations:
            return self._objects.case_of(record)
        return self._case(record)

    def events(self, records: Sequence[Record]) -> list[ImportedEvent]:
        """The events of one case; ``records`` in the order of the file."""
        self.counts.records += len(records)
        facts = [fact for record in records if (fact := self._fact(record)) is not None]
        steps = self._transitions.steps(facts)
        self.counts.skipped = self._transitions.skipped
        self._end_case(steps)
        events = [self._event(step) for step in steps]
        self.counts.events += len(events)
        return events

    def _fact(self, record: Record) -> MappedRecord | None:
        try:
            fact = self._facts.read(record)
            self._objects.add(record, fact.attributes)
            self._expect_place(fact)
            self._expect_time(fact)
        except Unreadable as problem:
            self._complain(problem)
            return None
        return fact

    def _expect_place(self, fact: MappedRecord) -> None:
        """An event must belong somewhere."""
        found, place = fact.attributes, fact.record.place
        ids = [value for word, value in found.items() if word.startswith(words.REF_PREFIX)]
        if words.CASE_ID not in found and not ids:
            what = "it relates to no object" if self._mapping.objects.lead else "it names no case and no id"
            raise Unreadable(place, "", f"{what}.", "Say in a mapping where the case stands: case: <attribute>.")
        if sum(len(value) if isinstance(value, list) else 1 for value in ids) > _MAX_IDS:
            raise Unreadable(place, "", f"it carries more than {_MAX_IDS:,} ids.", "Split the event.")

    def _expect_time(self, fact: MappedRecord) -> None:
        if fact.start < OLDEST_NS or fact.end > self._clock() + _DAY_NS:
            when = time.strftime("%Y-%m-%d", time.gmtime((fact.start if fact.start < OLDEST_NS else fact.end) / 1e9))
            raise Unreadable(
                fact.record.place,
                "timestamp",
                f"{when} lies before the year 2000 or in the future.",
                "Mend it; a placeholder for a missing time is better left empty.",
            )

    def _end_case(self, steps: Sequence[StepRun]) -> None:
        """The last event of the case gets the outcome of the first rule that fits."""
        done = [step for step in steps if step.state != "started"]
        if not (self._last and done):
            return
        last = max(done, key=lambda step: (step.fact.end, step.fact.start, step.fact.record.ordinal))
        activities = {step.fact.activity for step in done}
        for contains, ends_with, rule in self._last:
            if rule.contains and not any(map(contains, activities)):
                continue
            if rule.ends_with and not ends_with(last.fact.activity):
                continue
            last.fact.attributes[words.OUTCOME] = rule.outcome
            return

    def _event(self, step: StepRun) -> ImportedEvent:
        fact, begun = step.fact, step.begun.record
        found = fact.attributes
        system = self._system(fact.record)
        trace, own = self._ids(fact, begun, system)
        if self._mapping.flow_version:
            found.setdefault(words.FLOW_VERSION, self._mapping.flow_version)
        event = ImportedEvent(
            place=fact.record.place,
            system=system,
            trace_id=trace,
            span_id=own,
            step=str(found[words.STEP]),
            start=fact.start,
            end=fact.end,
            attributes=found,
            failed=step.state == "failed" or fact.failed,
            message=fact.message,
            notes=step.notes,
        )
        if step.state == "failed":
            found.setdefault(words.ERROR_TYPE, "aborted")
        if step.state == "started" or found.get(words.STEP_STATE) == words.STATE_STARTED:
            self._make_started(event)
        self._count(event)
        return event

    def _ids(self, fact: MappedRecord, begun: Record, system: str) -> tuple[bytes, int]:
        found = fact.attributes
        event_id = str(begun.values.get(OCEL_ID) or begun.values.get("event_id") or "")
        if ours := _EXPORTED.fullmatch(event_id):
            return bytes.fromhex(ours[1]), int(ours[2], 16)
        if OCEL_ID in begun.values:
            found.setdefault(words.EVENT_ID, event_id)
        case = str(found.get(words.CASE_ID, ""))
        ids = "" if case else repr(sorted((k, v) for k, v in found.items() if k.startswith(words.REF_PREFIX)))
        return trace_id(str(found.get(words.FLOW_NAME, "")), system, case, begun.trace, ids), span_id(begun)

    @staticmethod
    def _make_started(event: ImportedEvent) -> None:
        """A step still under way: its started record names the span that will end it as its parent."""
        event.attributes[words.STEP_STATE] = words.STATE_STARTED
        event.attributes.pop(words.OUTCOME, None)
        event.end = event.start
        event.parent, event.span_id = event.span_id, event.span_id ^ (1 << 63)

    def _count(self, event: ImportedEvent) -> None:
        actor = str(event.attributes.get(words.ACTOR_TYPE, "unknown"))
        self.counts.actors[actor] += 1
        if actor == "unknown" and len(self.counts.unknown_resources) < 1000:
            self.counts.unknown_resources[str(event.attributes.get(words.ACTOR_ID, ""))] += 1
        if outcome := event.attributes.get(words.OUTCOME):
            self.counts.outcomes[str(outcome)] += 1
