"""When the oldest pending bytes of the log were appended, without reading the disk."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from common.units import SECOND_NS

if TYPE_CHECKING:
    from collector.durable_log.segment import Position

_PRECISION_NS: Final = SECOND_NS


class BacklogAge:
    """Remembers when each part of the log was appended, to a second, so that a long outage takes little memory.

    It counts from the append, not from the time of receipt in the record: a dead letter that is replayed keeps the time
    at which it was first received. Not thread-safe. Times are Unix nanoseconds.
    """

    def __init__(self) -> None:
        self._marks: deque[tuple[int, Position]] = deque()

    def add(self, end: Position, now_ns: int) -> None:
        """Note that the log has been written up to ``end``."""
        if self._marks and now_ns - self._marks[-1][0] < _PRECISION_NS:
            self._marks[-1] = (self._marks[-1][0], end)
        else:
            self._marks.append((now_ns, end))

    def release(self, end: Position) -> None:
        """Note that nothing before ``end`` is pending any more."""
        while self._marks and self._marks[0][1] <= end:
            self._marks.popleft()

    @property
    def oldest_ns(self) -> int | None:
        """When the oldest pending bytes were appended; None if nothing is pending."""
        return self._marks[0][0] if self._marks else None
