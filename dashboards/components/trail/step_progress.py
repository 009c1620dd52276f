"""The state of each declared step in one case: done, running, failed, left out, missing or to come."""

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
    """One declared step and its ``state``. ``times`` counts its events; ``event`` is the id of the last, or empty."""

    step: str
    state: str
    optional: bool
    times: int
    event: str


def progress(steps: Sequence[Step], events: Sequence[Event], *, in_flight: bool) -> list[StepProgress]:
    """The declared ``steps`` in their order. ``events`` are in order of time.

    A step without an event is to come while the case is in flight and no later declared step has happened. Otherwise
    it was skipped if it is optional, else it is missing. A compensation is never to come.
    """
    seen: dict[str, list[Event]] = {}
    for event in events:
        seen.setdefault(str(event.get("step") or ""), []).append(event)
    last = max((place for place, step in enumerate(steps) if step["step"] in seen), default=-1)
    states = []
    for place, step in enumerate(steps):
        own = seen.get(step["step"], [])
        state = _state(own) if own else _without(step, to_come=in_flight and place > last)
        states.append(
            StepProgress(step["step"], state, bool(step.get("optional")), len(own), str(own[-1]["id"]) if own else "")
        )
    return states


def _state(own: Sequence[Event]) -> str:
    """Running if the last event is; else done if any attempt succeeded."""
    kinds = [kind(event) for event in own]
    if kinds[-1] == "started":
        return RUNNING
    return DONE if any(outcome not in _ERRORS for outcome in kinds) else FAILED


def _without(step: Step, *, to_come: bool) -> str:
    undoes = step.get("kind") == "compensation"
    if to_come and not undoes:
        return TO_COME
    return SKIPPED if undoes or step.get("optional") else MISSING
