"""What a start does with the files of the log: unfinished writes are cut off, files that are stored are deleted."""

from __future__ import annotations

import logging
import os
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.durable_log.record import HEADER_BYTES, Damage, Record, received_ns, scan
from collector.durable_log.segment import Position, read_at, segment_numbers, segment_path
from collector.files import sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from store.intake import Envelope

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovered:
    """``ends``: the size of each file with pending records. ``torn_bytes``: how many bytes were cut off the newest."""

    ends: dict[int, int]
    torn_bytes: int


def recover(directory: Path, start: Position, before_delete: Callable[[Sequence[int]], None]) -> Recovered:
    """Prepare the log in ``directory`` for use from ``start`` on. ``before_delete`` gets the files to be deleted."""
    numbers = segment_numbers(directory)
    torn_bytes = 0
    if numbers and numbers[-1] >= start.segment:
        torn_bytes = _mend_newest(directory, numbers[-1], _first(start, numbers[-1]))
    sizes = {number: segment_path(directory, number).stat().st_size for number in numbers}
    ends = {number: size for number, size in sizes.items() if number >= start.segment and size > _first(start, number)}
    spent = [number for number in numbers if number not in ends]
    if spent:
        before_delete(spent)
    for number in spent:
        segment_path(directory, number).unlink()
    sync_directory(directory)
    return Recovered(ends, torn_bytes)


def received_times(directory: Path, start: Position, ends: dict[int, int]) -> dict[int, int]:
    """When the first pending record of each file was received (Unix nanoseconds), unless its header is damaged."""
    times = {
        number: received_ns(read_at(directory, Position(number, _first(start, number)), HEADER_BYTES))
        for number in ends
    }
    return {number: time for number, time in times.items() if time is not None}


def in_log(directory: Path, envelope: Envelope, start: Position) -> bool:
    """Whether the log holds ``envelope``, with the same time of receipt, at ``start`` or later."""
    for number in segment_numbers(directory):
        path = segment_path(directory, number)
        if number < start.segment:
            continue
        for record in scan(read_at(directory, Position(number, _first(start, number)), path.stat().st_size)):
            if isinstance(record, Record) and record.envelope == envelope:
                return True
    return False


def _first(start: Position, number: int) -> int:
    """The offset in file ``number`` at which its pending records begin."""
    return start.offset if number == start.segment else 0


def _mend_newest(directory: Path, number: int, offset: int) -> int:
    """Cut an unfinished write off the newest file; no other file can have one. Returns how many bytes were cut off.

    No sender was told that this write succeeded. Whole records in it stay.
    """
    path = segment_path(directory, number)
    tail = deque(scan(read_at(directory, Position(number, offset), path.stat().st_size), offset), maxlen=1)
    last = tail.pop() if tail else None
    torn = last if isinstance(last, Damage) and last.torn else None
    with path.open("r+b") as file:
        if torn:
            file.truncate(torn.start)
        os.fsync(file.fileno())  # the crash may have come before the fsync of the whole records
    if not torn:
        return 0
    _LOG.warning("Cut %d bytes of an unfinished write off %s (%s).", torn.end - torn.start, path.name, torn.reason)
    return torn.end - torn.start
