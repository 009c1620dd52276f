"""What happens to the collector, life after life: a plan that depends on its seed alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from proof.chaos.fuse import POINTS

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Life:
    """One life of the collector; it ends with SIGKILL after ``seconds`` unless it died before.

    ``die``: the point at which it kills itself, and how often it comes past there first (``POINT:COUNT``).
    ``outage``: what befalls it meanwhile. ``wound``: what is done to the files of its log once it is dead.
    """

    seconds: float
    die: str = ""
    outage: str = ""
    wound: str = ""

    def __str__(self) -> str:
        words = [f"dies at {self.die}" if self.die else "", self.outage, self.wound and f"log: {self.wound}"]
        return ", ".join(filter(None, words)) or "killed"


AWAY: Final = "store away"
STORE_STOPPED: Final = "store stopped"
STORE_SLOW: Final = "store slowed"
STORE_KILLED: Final = "store killed"
DISK_FULL: Final = "disk full"

TORN: Final = "tail torn"
BLANK: Final = "tail blank"
BODY: Final = "record damaged"
HEADER: Final = "header damaged"

_KINDS: Final = (
    *(Life(4, die=point) for point in POINTS),
    Life(1),
    Life(0.3),
    Life(2, outage=DISK_FULL),
    Life(1, wound=TORN),
    Life(1, wound=BLANK),
    # What is to be damaged must be acknowledged and not yet stored, so the store is away meanwhile.
    Life(1.5, outage=AWAY, wound=BODY),
    Life(1.5, outage=AWAY, wound=HEADER),
)
_KINDS_OF_A_SERVER: Final = (
    Life(3, outage=STORE_STOPPED),
    Life(3, outage=STORE_SLOW),
    Life(3, outage=STORE_KILLED),
    Life(3, die="inserting", outage=STORE_KILLED),
)


def lives(dice: random.Random, *, server: bool, disk: bool) -> Iterator[Life]:
    """Lives without end: every kind once in random order, then again. ``server``: the store is one of its own.

    ``disk``: the disk of the log can be filled.
    """
    kinds = [kind for kind in _KINDS if disk or kind.outage != DISK_FULL]
    if server:
        kinds += _KINDS_OF_A_SERVER
    while True:
        for kind in dice.sample(kinds, len(kinds)):
            yield _drawn(kind, dice)


def _drawn(kind: Life, dice: random.Random) -> Life:
    """A kind of life with its chances thrown."""
    seconds = kind.seconds * dice.uniform(0.5, 1.5)
    return replace(kind, seconds=seconds, die=kind.die and f"{kind.die}:{dice.randint(1, 30)}")
