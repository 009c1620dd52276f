"""How far a long piece of work is, and whether it should end early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.errors import CasesError

if TYPE_CHECKING:
    from collections.abc import Callable


class Stopped(CasesError):
    """The work was asked to end before it was done; nothing is left half done."""

    def __init__(self) -> None:
        super().__init__("invalid", "The work was stopped.", "Start it again; nothing was left half done.")


def _untold(_stage: str, _done: int, _total: int) -> None:
    """The default: nobody wants to know."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class Progress:
    """``tell`` is called with the stage in words, the parts done and all parts; ``stopping`` is asked between parts."""

    tell: Callable[[str, int, int], None] = _untold
    stopping: Callable[[], bool] = _never
    done: int = 0
    total: int = 1

    def begin(self, total: int) -> None:
        """Work of ``total`` parts begins."""
        self.done, self.total = 0, total

    def part(self, stage: str) -> None:
        """The next part begins. Raises Stopped when it should not."""
        if self.stopping():
            raise Stopped
        self.tell(stage, self.done, self.total)
        self.done += 1
