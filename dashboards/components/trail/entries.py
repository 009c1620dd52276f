"""The list below a timeline: events in order, each with the log records that were written in it, the others between."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures.marks import Event
from dashboards.figures.scene import Scene
from dashboards.wording import formats

Log = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """An event with its number and the ``logs`` written in it; or, with ``event`` None, one log record alone."""

    number: int
    event: Event | None
    logs: Sequence[Log]

    @property
    def start(self) -> str:
        """When it began, as the API wrote it."""
        return str(self.event["start"] if self.event else self.logs[0]["time"])


def entries(scene: Scene, logs: Sequence[Log]) -> list[Entry]:
    """Events and log records of one part. A record stands below its event, or its step where that is not shown."""
    shown = {event["id"] for _, event in scene.events}
    below: dict[str, list[Log]] = {}
    alone: list[Log] = []
    for log in logs:
        place = next((one for one in (log["event"], log["step"]) if one in shown), None)
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
    """``from`` and ``to`` of the part that is shown: the first part begins, and the last one ends, with no bound."""
    if scene.parts == 1:
        return {}
    since = {"from": scene.events[0][1]["start"]} if scene.part > 1 else {}
    return since | ({"to": scene.after} if scene.after else {})
