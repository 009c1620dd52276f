"""The order of the list below a timeline: events, each followed by its log records; other log records in between."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures.marks import Event
from dashboards.figures.scene import Scene
from dashboards.wording import formats

Log = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """An event with its number and its log records; with ``event`` None, a log record that belongs to no event."""

    number: int
    event: Event | None
    logs: Sequence[Log]

    @property
    def start(self) -> str:
        """The time of the entry, as the API wrote it."""
        return str(self.event["start"] if self.event else self.logs[0]["time"])


def entries(scene: Scene, logs: Sequence[Log]) -> list[Entry]:
    """Events and log records of one part. A record follows its event; if that is hidden, its step."""
    shown = {event["id"] for _, event in scene.events}
    below: dict[str, list[Log]] = {}
    alone: list[Log] = []
    for log in logs:
        place = next((event for event in (log["event"], log["step"]) if event in shown), None)
        if place:
            below.setdefault(place, []).append(log)
        else:
            alone.append(log)
    return list(_merged(scene, below, alone))


def _merged(scene: Scene, below: Mapping[str, Sequence[Log]], alone: Sequence[Log]) -> Iterator[Entry]:
    left = list(alone)
    for number, event in scene.events:
        start = formats.instant(event["start"])
        while left and formats.instant(left[0]["time"]) < start:
            yield Entry(0, None, [left.pop(0)])
        yield Entry(number, event, below.get(event["id"], ()))
    for log in left:
        yield Entry(0, None, [log])


def span_of(scene: Scene) -> dict[str, str]:
    """``from`` and ``to`` of the shown part. The first part has no lower bound, the last one no upper bound."""
    if scene.parts == 1:
        return {}
    since = {"from": scene.events[0][1]["start"]} if scene.part > 1 else {}
    return since | ({"to": scene.after} if scene.after else {})
