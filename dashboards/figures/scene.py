"""What a timeline shows: a case, its lanes, and one part of its events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import Any

from dashboards.figures.marks import Event, kind
from dashboards.wording import formats

PART = 200
"""Maximum events on a page. More would make it slow."""

Numbered = tuple[int, Event]


@dataclass(frozen=True)
class Scene:
    """Part ``part`` of ``parts``. ``events`` are numbered from 1 over the whole trail."""

    case: Mapping[str, Any]
    lanes: Sequence[str]
    events: Sequence[Numbered]
    zone: tzinfo
    part: int
    parts: int
    after: str = ""
    """Start of the first event of the next part; empty in the last one."""

    @property
    def ends_now(self) -> bool:
        """Whether the scene ends at the present: the case is in flight and this is the last part."""
        return bool(self.case["in_flight"]) and self.part == self.parts

    def row(self, event: Event) -> int:
        """The y value of the lane of an event: 0 for the top lane, then -1 and so on."""
        return -list(self.lanes).index(event["system"])

    def of_kind(self, key: str) -> list[tuple[int, int, Event]]:
        """Column, number and event of the events with this look."""
        return [(column, number, event) for column, number, event in self.placed() if kind(event) == key]

    def placed(self) -> list[tuple[int, int, Event]]:
        """Column (from 0), number and event of every event."""
        return [(column, number, event) for column, (number, event) in enumerate(self.events)]

    def people(self) -> list[tuple[int, Event]]:
        """Column and event of the events whose actor is a person."""
        return [(x, event) for x, _, event in self.placed() if (event.get("actor") or {}).get("type") == "human"]

    def local(self, text: str) -> datetime:
        """An instant in the reader's time zone, without the offset: plotly knows no time zones."""
        return formats.instant(text).astimezone(self.zone).replace(tzinfo=None)

    def seconds_till_now(self, text: str) -> float:
        """Seconds from an instant to ``as_of``."""
        return max(0.0, (formats.instant(self.case["as_of"]) - formats.instant(text)).total_seconds())


def scene(trail: Mapping[str, Any], zone: tzinfo, *, plain: bool = False, part: int = 0) -> Scene:
    """One part of a trail. Part 0, or one that does not exist, is the last part: where the case is now."""
    shown = numbered(trail, plain=plain)
    parts = max(1, -(-len(shown) // PART))
    part = part if 1 <= part <= parts else parts
    here = shown[(part - 1) * PART : part * PART]
    systems = {event["system"] for _, event in here}
    lanes = [lane for lane in trail["lanes"] if lane in systems]
    after = str(shown[part * PART][1]["start"]) if part < parts else ""
    return Scene(trail["case"], lanes, here, zone, part, parts, after)


def numbered(trail: Mapping[str, Any], *, plain: bool = False) -> list[Numbered]:
    """The events of the whole trail with their numbers."""
    return list(enumerate((event for event in trail["events"] if plain or not event.get("plain")), 1))


def even_spacing_reads_better(of: Scene) -> bool:
    """Whether the longest gap between starts (or until now) is at least ten times the median gap."""
    starts = [formats.instant(event["start"]) for _, event in of.events]
    if of.ends_now:
        starts.append(formats.instant(of.case["as_of"]))
    gaps = sorted(gap for before, after in pairwise(starts) if (gap := (after - before).total_seconds()) > 0)
    return len(gaps) < 2 or gaps[-1] >= 10 * gaps[(len(gaps) - 1) // 2]
