"""The position of a case: where it is, who holds it and since when, as fields and as one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from store.client import Row

PositionState = Literal["in_progress", "waiting", "finished"]

_UNNAMED: Final = ("", "unknown")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a case: an actor, with a ``type`` as in ``flow.actor.type``, or a ``system``. ``id`` may be empty."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where a case is.

    ``in_progress``: ``step`` is the open step that started last. ``waiting``: no step is open; ``step`` is the last one
    that ended, and its system is the holder. ``finished``: nobody holds the case. ``failed``: the last finished attempt
    failed. ``since`` is UTC. ``text`` says the same in one sentence.
    """

    state: PositionState
    step: str | None
    system: str | None
    holder: Holder | None
    since: datetime
    failed: bool
    text: str


def position_of(row: Row) -> Position:
    """The position in the ``Now…`` columns of a row of ``cases``."""
    state: PositionState = row["NowState"]
    holder = _holder(row)
    return Position(
        state=state,
        step=row["NowStep"] or None,
        system=row["NowSystem"] or None,
        holder=holder,
        since=row["NowSince"],
        failed=bool(row["NowFailed"]),
        text=_sentence(row, holder),
    )


def _holder(row: Row) -> Holder | None:
    if row["NowState"] == "finished":
        return None
    if row["NowState"] == "in_progress" and row["NowActorType"] not in _UNNAMED:
        return Holder(row["NowActorType"], row["NowActorId"])
    return Holder("system", row["NowSystem"]) if row["NowSystem"] else None


def _sentence(row: Row, holder: Holder | None) -> str:
    place = " / ".join(part for part in (row["NowSystem"], row["NowStep"]) if part) or "an unnamed step"
    since = f"{row['NowSince']:%Y-%m-%d %H:%M} UTC"
    if row["NowState"] == "finished":
        return f"Finished with outcome {row['Outcome'] or 'unknown'} at {place} on {since}"
    if row["NowState"] == "waiting":
        failed = ", where the last attempt failed" if row["NowFailed"] else ""
        return f"Waiting between steps since {since}; last seen at {place}{failed}"
    others = f" ({row['OpenSteps'] - 1} more open)" if row["OpenSteps"] > 1 else ""
    if holder and holder.type == "human":
        return f"Waiting for {_named(holder)} at {place} since {since}{others}"
    held = f", held by {_named(holder)}" if holder and holder.type != "system" else ""
    return f"In progress at {place} since {since}{held}{others}"


def _named(holder: Holder) -> str:
    kind = holder.type.replace("_", " ")
    return f"{kind} {holder.id}" if holder.id else f"an unnamed {kind}"
