"""CPU time: what a piece of work costs whatever else the machine does meanwhile, and of whichever threads do it."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.client import Store


def cpu_s() -> float:
    """CPU seconds, user and system, that this process has used so far in all its threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def cost_s(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    before = cpu_s()
    work()
    return cpu_s() - before


def idle_rate(seconds: float = 1.0) -> float:
    """CPU seconds a second that this process uses while nobody asks anything of it."""
    before = cpu_s()
    time.sleep(seconds)
    return (cpu_s() - before) / seconds


@dataclass
class Bill:
    """CPU seconds by item and round, in the order in which the items first came.

    Of the rounds the cheapest counts, item by item: what other processes do to caches and cores can only add.
    """

    rounds: list[dict[str, float]] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)

    def begin_round(self) -> None:
        self.rounds.append({})
        self.calls = {}

    def add(self, item: str, seconds: float) -> None:
        """Add to the round under way."""
        spent = self.rounds[-1]
        spent[item] = spent.get(item, 0.0) + seconds
        self.calls[item] = self.calls.get(item, 0) + 1

    def least(self) -> dict[str, float]:
        items = dict.fromkeys(item for spent in self.rounds for item in spent)
        return {item: min(spent[item] for spent in self.rounds if item in spent) for item in items}


def steps_between(levels: dict[str, float]) -> dict[str, float]:
    """What each level costs more than the one before it.

    A level does all the work of those before it and more; where it was measured cheaper, that is what they cost, too.
    """
    least = list(accumulate(reversed(levels.values()), min))[::-1]
    return {name: level - less for name, level, less in zip(levels, least, [0.0, *least], strict=False)}


def settle(store: Store, within_s: float = 120) -> None:
    """Return when no merge runs and the process rests."""
    deadline = time.monotonic() + within_s
    quiet = 0
    while quiet < 3 and time.monotonic() < deadline:
        busy = idle_rate(0.5) > 0.1 or store.rows("SELECT count() AS n FROM system.merges")[0]["n"]
        quiet = 0 if busy else quiet + 1
