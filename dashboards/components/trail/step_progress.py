"""The declared steps of a flow beside what a case has done: what is done, under way, left out, still to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures.marks import kind

Step = Mapping[str, Any]
Event = Mapping[str, Any]

DONE, RUNNING, FAILED, SKIPPED, MISSING, TO_COME = "done", "running", "failed", "skipped", "missing", "to come"
_ERRORS = frozenset({"business", "infrastructure", "unclassified"})


@dataclass(frozen=True)
class StepProgress:
    """One declared step; ``event`` is the id of its last event, empty if it has none."""

    step: str
    state: str
    optional: bool
    times: int
    event: str


def progress(steps: Sequence[Step], events: Sequence[Event], *, in_flight: bool) -> list[StepProgress]:
    """``events`` are in order of time.

    A step without an event is still to come while the case is in flight and nothing declared after it has happened;
    else it was left out, which is fine for an optional one. What only undoes another step is never to come.
    """
    seen: dict[str, list[Event]] = {}
    for event in events:
        seen.setdefault(str(event.get("step") or ""), []).append(event)
    last = max((place for place, step in enumerate(steps) if step["step"] in seen), default=-1)
    found = []
    for place, step in enumerate(steps):
        own = seen.get(step["step"], [])
        state = _state(own) if own else _without(step, to_come=in_flight and place > last)
        found.append(
            StepProgress(step["step"], state, bool(step.get("optional")), len(own), str(own[-1]["id"]) if own else "")
        )
    return found


def _state(own: Sequence[Event]) -> str:
    """Running wins; then one success is enough."""
    kinds = [kind(event) for event in own]
    if kinds[-1] == "started":
        return RUNNING
    return DONE if any(one not in _ERRORS for one in kinds) else FAILED


def _without(step: Step, *, to_come: bool) -> str:
    undoes = step.get("kind") == "compensation"
    if to_come and not undoes:
        return TO_COME
    return SKIPPED if undoes or step.get("optional") else MISSING
