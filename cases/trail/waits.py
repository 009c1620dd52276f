"""Waits: the time in which no step of a case was running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases import instants

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cases.trail.event import TrailEvent


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait from the end of the event ``after`` to the start of the event ``before``, which is None while it lasts."""

    after: str
    before: str | None
    seconds: float
    from_system: str
    to_system: str | None


def waits_between(
    steps: Sequence[TrailEvent], until: datetime | None
) -> tuple[tuple[Wait, ...], dict[str, float | None]]:
    """The waits of a case, and by event id the seconds waited just before each step (None for the first).

    ``steps`` are in order of start and may overlap: a wait lasts from the latest end so far to the next start. A step
    that has only started is still running. ``until`` is the present, for a case in flight: if no step is running, the
    last wait lasts until then. None for a case that has ended: there is no wait after its last step.
    """
    waits: list[Wait] = []
    before: dict[str, float | None] = {}
    last: TrailEvent | None = None
    for step in steps:
        waited = _gap(last, step.start_ns)
        before[step.id] = waited
        if last and waited:
            waits.append(Wait(last.id, step.id, waited, last.system, step.system))
        last = _later(last, step)
    if last and until:
        waited = _gap(last, instants.from_datetime(until))
        if waited:
            waits.append(Wait(last.id, None, waited, last.system, None))
    return tuple(waits), before


def _later(last: TrailEvent | None, step: TrailEvent) -> TrailEvent:
    """Whichever ends later; a running step counts as the latest."""
    if last is None or step.end_ns is None:
        return step
    return last if last.end_ns is None or last.end_ns > step.end_ns else step


def _gap(last: TrailEvent | None, start_ns: int) -> float | None:
    if last is None:
        return None
    return max(0, start_ns - last.end_ns) / instants.SECOND if last.end_ns is not None else 0.0
