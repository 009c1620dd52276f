"""Since when the oldest bytes of the log have been waiting, without asking the disk."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from common.units import SECOND_NS

if TYPE_CHECKING:
    from collector.durable_log.segment import Position

_PRECISION_NS: Final = SECOND_NS


class BacklogAge:
    """Marks of when which part of the log was appended; one a second at most, so that a long outage costs little.

    It counts from the append, not from the receipt that a record tells: a dead letter that is replayed keeps the time
    it first came. Not thread-safe. Times are in Unix nanoseconds.
    """

    def __init__(self) -> None:
        self._marks: deque[tuple[int, Position]] = deque()

    def add(self, end: Position, now_ns: int) -> None:
        """The log has been written up to ``end``."""
        if self._marks and now_ns - self._marks[-1][0] < _PRECISION_NS:
            self._marks[-1] = (self._marks[-1][0], end)
        else:
            self._marks.append((now_ns, end))

    def release(self, end: Position) -> None:
        """Nothing before ``end`` waits any longer."""
        while self._marks and self._marks[0][1] <= end:
            self._marks.popleft()

    @property
    def oldest_ns(self) -> int | None:
        """When the oldest bytes that still wait were appended; None if none do."""
        return self._marks[0][0] if self._marks else None
