"""The progress of long work, and the request to stop it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.errors import CasesError

if TYPE_CHECKING:
    from collections.abc import Callable


class Stopped(CasesError):
    """The work was asked to stop. It stopped between two parts, so nothing is half done."""

    def __init__(self) -> None:
        super().__init__("invalid", "The work was stopped.", "Start it again; nothing was left half done.")


def _ignore(_stage: str, _done: int, _total: int) -> None:
    """The default: nobody listens."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class Progress:
    """The progress of one piece of work, in parts.

    ``tell`` is called before each part with the stage in words, the number of parts done and of all parts.
    ``stopping`` is asked before each part.
    """

    tell: Callable[[str, int, int], None] = _ignore
    stopping: Callable[[], bool] = _never
    done: int = 0
    total: int = 1

    def begin(self, total: int) -> None:
        """Start work of ``total`` parts."""
        self.done, self.total = 0, total

    def part(self, stage: str) -> None:
        """Start the next part. Raises Stopped if the work should stop."""
        if self.stopping():
            raise Stopped
        self.tell(stage, self.done, self.total)
        self.done += 1
