"""Waiting: the time in which no step of a case was running."""

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
    """From the end of ``after`` to the start of ``before``, event ids; ``before`` is None while the case waits."""

    after: str
    before: str | None
    seconds: float
    from_system: str
    to_system: str | None


def waits_between(
    steps: Sequence[TrailEvent], until: datetime | None
) -> tuple[tuple[Wait, ...], dict[str, float | None]]:
    """The waits of a case, and the seconds waited just before each step by event id (None for the first).

    ``steps`` are in order of start; they may overlap, nest or run in parallel: a wait lasts from the latest end so far
    to the next start. A step that has only started runs on. ``until`` is the present for a case in flight: if nothing
    runs, the last wait goes on up to it. None closes the account at the last end.
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


def _later(one: TrailEvent | None, other: TrailEvent) -> TrailEvent:
    """The one that ends later, where a running step never ends."""
    if one is None or other.end_ns is None:
        return other
    return one if one.end_ns is None or one.end_ns > other.end_ns else other


def _gap(last: TrailEvent | None, start_ns: int) -> float | None:
    if last is None:
        return None
    return max(0, start_ns - last.end_ns) / instants.SECOND if last.end_ns is not None else 0.0
