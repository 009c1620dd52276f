"""Transitions of one activity become steps: a start and its end are one, what happens in between is noted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importing.events.event import Note
from importing.mapping.mapping import LifecyclePart
from importing.mapping.patterns import first_of
from importing.mapping.selectors import Selectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from importing.events.mapped_record import MappedRecord
    from importing.mapping.mapping import Mapping


@dataclass(slots=True)
class StepRun:
    """``fact``: what ended it, or began it if it is still open. ``begun``: what began it."""

    fact: MappedRecord
    begun: MappedRecord
    state: str = "finished"
    notes: list[Note] = field(default_factory=list)


class Transitions:
    """Pairs the facts of one case, given in the order of the file."""

    def __init__(self, mapping: Mapping) -> None:
        lifecycle = mapping.lifecycle
        self.skipped = 0
        self._plain = not isinstance(lifecycle, LifecyclePart)
        if isinstance(lifecycle, LifecyclePart):
            select = Selectors(mapping.nulls)
            self._transition = select.one(lifecycle.attribute)
            self._instance = select.one(lifecycle.instance)
            self._role = first_of(
                (
                    ("start", lifecycle.start),
                    ("failed", lifecycle.failed),
                    ("note", lifecycle.notes),
                    ("skipped", lifecycle.skipped),
                    ("complete", lifecycle.complete),
                )
            )

    def steps(self, facts: Sequence[MappedRecord]) -> list[StepRun]:
        """The steps, in the order in which they ended, those still open last."""
        if self._plain:
            return [StepRun(fact, fact, "started" if fact.open else "finished") for fact in facts]
        return list(self._paired(facts))

    def _paired(self, facts: Sequence[MappedRecord]) -> Iterator[StepRun]:
        open_runs: dict[tuple[str, str], deque[StepRun]] = {}
        early: dict[tuple[str, str], list[Note]] = {}
        for fact in facts:
            transition = self._transition(fact.record)
            role = "start" if fact.open else self._role(transition) if transition else "complete"
            key = fact.activity, self._instance(fact.record)
            runs = open_runs.setdefault(key, deque())
            if role == "start":
                runs.append(StepRun(fact, fact, "started", early.pop(key, [])))
            elif role == "note":
                (runs[-1].notes if runs else early.setdefault(key, [])).append(Note(transition, fact.end))
            elif role == "skipped":
                self.skipped += 1
                runs and runs.popleft()
                early.pop(key, None)
            else:
                yield self._ended(fact, runs, early.pop(key, []), role)
        self.skipped += sum(map(len, early.values()))
        for runs in open_runs.values():
            yield from runs

    @staticmethod
    def _ended(fact: MappedRecord, runs: deque[StepRun], notes: list[Note], role: str) -> StepRun:
        state = "failed" if role == "failed" else "finished"
        if not runs:
            return StepRun(fact, fact, state, notes)
        run = runs.popleft()
        fact.start = min(run.begun.start, fact.end)
        fact.attributes = {**run.begun.attributes, **fact.attributes}
        return StepRun(fact, run.begun, state, run.notes + notes)
