"""Where a collector can be made to die of its own hand: in the middle of exactly that, not somewhere near it."""

from __future__ import annotations

import os
import random
import signal
import threading
from typing import TYPE_CHECKING, Final

from collector.durable_log.segment import FileSegment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.writer.writer import Sink
    from store.client import Store
    from store.intake import Envelope

POINTS: Final = (
    "write",  # half of a group of requests is in the file
    "sync",  # all of it is in the file, the fsync has not been asked for
    "synced",  # the fsync is done, no sender knows it
    "insert",  # the batch is planned, the store has nothing of it
    "inserting",  # the store is at work on it
    "stored",  # the store has it, nobody has heard of it
    "followed",  # the fold has been woken, the batch is not yet marked done
    "folding",  # some statements of a fold are through, others are not
)


class Fuse:
    """Kills its process with SIGKILL the ``count``-th time that ``point`` is reached; 0: never."""

    def __init__(self, point: str = "", count: int = 0) -> None:
        self._point = point
        self._left = count
        self._lock = threading.Lock()

    def due(self, point: str) -> bool:
        """Count one more time that ``point`` is reached; whether it is the last."""
        if point != self._point:
            return False
        with self._lock:
            self._left -= 1
            return self._left == 0

    def burn(self, point: str) -> None:
        if self.due(point):
            die()

    def burn_during(self, point: str, after_s: float) -> None:
        """Let what follows begin, and die ``after_s`` seconds later, wherever it is by then."""
        if self.due(point):
            threading.Timer(after_s, die).start()


def die() -> None:
    """What ``kill -9`` and the out-of-memory killer do."""
    os.kill(os.getpid(), signal.SIGKILL)


def fused_segments(fuse: Fuse) -> type[FileSegment]:
    """Files of the log that die while they are written or synced."""

    class FusedSegment(FileSegment):
        def write(self, data: bytes, offset: int) -> None:
            if fuse.due("write"):
                super().write(data[: len(data) // 2], offset)
                die()
            super().write(data, offset)

        def sync(self) -> None:
            fuse.burn("sync")
            super().sync()
            fuse.burn("synced")

    return FusedSegment


def fused_sink(fuse: Fuse, sink: Sink) -> Sink:
    """The store's side of the writer, which dies before, in the middle of, or after an insert."""

    def fused(envelopes: Sequence[Envelope], token: str) -> None:
        fuse.burn("insert")
        fuse.burn_during("inserting", random.uniform(0, 0.06))
        sink(envelopes, token)
        fuse.burn("stored")

    return fused


def fuse_commands(fuse: Fuse, store: Store) -> None:
    """Have ``store`` die in the middle of a fold, whose statements all go through ``command``."""
    command: Callable[..., object] = store.command

    def fused(*args: object, **kwargs: object) -> object:
        fuse.burn("folding")
        return command(*args, **kwargs)

    store.command = fused  # type: ignore[method-assign]
