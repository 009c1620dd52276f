"""How far the writer has got: which batch is planned, and whether it is done. A start continues from there."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4
from zlib import crc32

from collector.durable_log.segment import Position, segment_numbers
from collector.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from store.intake import Signal

_SLOT_BYTES: Final = 4096
_FILE: Final = "progress"


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Batch ``number`` lies between ``start`` and ``end`` of the log.

    ``cursors``: for each of its signals that the store refused as a whole, how far the bisection has got (see
    ``Cursor`` in ``bisect``).
    """

    log_id: str
    number: int
    start: Position
    end: Position
    done: bool
    cursors: Mapping[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """The token under which the store accepts this batch once. It stays the same after a restart."""
        return f"{self.log_id}-{self.number}"

    def following(self, start: Position, end: Position) -> BatchPlan:
        return BatchPlan(self.log_id, self.number + 1, start, end, done=False)


class WriterProgress:
    """The last plan, in one file with two slots that are written in turn.

    The slots are allocated once and then overwritten in place. So progress can be written on a full disk, and an
    unfinished write leaves the other slot whole.
    """

    def __init__(self, directory: Path, new_id: Callable[[], UUID] = uuid4) -> None:
        self._path = directory / _FILE
        self._turn = 0
        if not self._path.exists():
            self._create(BatchPlan(str(new_id()), 0, Position(0, 0), Position(0, 0), done=True))
        self._fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        self.plan = self._load() or self._lost(directory, str(new_id()))

    def plan_next(self, start: Position, end: Position) -> BatchPlan:
        """Write down where the next batch begins and ends, before it is inserted."""
        return self._save(self.plan.following(start, end))

    def mark_cursor(self, signal: Signal, cursor: str) -> BatchPlan:
        """Write down how far the bisection of one signal of the batch has got."""
        return self._save(replace(self.plan, cursors={**self.plan.cursors, str(signal): cursor}))

    def mark_done(self) -> BatchPlan:
        """Write down that everything in the batch is stored or a dead letter."""
        return self._save(replace(self.plan, done=True))

    def close(self) -> None:
        os.close(self._fd)

    def _save(self, plan: BatchPlan) -> BatchPlan:
        # Overwrites the slot of the plan before the last one, never the last one.
        os.pwrite(self._fd, _slot(plan, self._turn + 1), ((self._turn + 1) % 2) * _SLOT_BYTES)
        os.fdatasync(self._fd)
        self._turn += 1
        self.plan = plan
        return plan

    def _create(self, plan: BatchPlan) -> None:
        write_whole(self._path, _slot(plan, 0).ljust(2 * _SLOT_BYTES, b"\0"))

    def _load(self) -> BatchPlan | None:
        slots = [_parse(os.pread(self._fd, _SLOT_BYTES, index * _SLOT_BYTES)) for index in (0, 1)]
        sound = [slot for slot in slots if slot is not None]
        if not sound:
            return None
        self._turn, plan = max(sound, key=lambda slot: slot[0])
        return plan

    def _lost(self, directory: Path, log_id: str) -> BatchPlan:
        """The plan if both slots are damaged: start again at the oldest file."""
        # What is stored may be stored twice. That is better than losing it, and a case counts equal spans once.
        oldest = Position(min(segment_numbers(directory), default=0), 0)
        return self._save(BatchPlan(log_id, 0, oldest, oldest, done=True))


def _slot(plan: BatchPlan, turn: int) -> bytes:
    text = json.dumps({"turn": turn, **asdict(plan)}).encode()
    return (f"{crc32(text):08x} ".encode() + text + b"\n").ljust(_SLOT_BYTES, b"\0")


def _parse(slot: bytes) -> tuple[int, BatchPlan] | None:
    crc, _, text = slot.rstrip(b"\0").rstrip(b"\n").partition(b" ")
    if crc != f"{crc32(text):08x}".encode():
        return None
    fields: dict[str, Any] = json.loads(text)
    turn = int(fields.pop("turn"))
    fields.update(start=Position(*fields["start"]), end=Position(*fields["end"]))
    return turn, BatchPlan(**fields)
