"""The collector without its ports: durable log, committer, writer and dead letters in one directory."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Unpack

from collector.dead_letters.replay import settle
from collector.dead_letters.store import DeadLetters
from collector.durable_log.committer import Committer
from collector.durable_log.directory_lock import DirectoryLock
from collector.durable_log.duplicates import Duplicates
from collector.durable_log.log import DurableLog, LogHooks
from collector.durable_log.recovery import in_log
from collector.durable_log.segment import FileSegment
from collector.writer.progress import WriterProgress
from collector.writer.writer import Writer, WriterParts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.durable_log.directory_lock import Addresses
    from collector.durable_log.segment import Segment
    from collector.settings import CollectorSettings
    from collector.telemetry.telemetry import Telemetry
    from collector.writer.writer import Sink, TakeBack

DEAD_LETTERS: Final = "dead-letters"
"""The directory of the dead letters inside the log directory."""


@dataclass(frozen=True, slots=True)
class PipelineHooks:
    """What the pipeline needs from outside: the store, the step after an insert, the clock (Unix ns) and the disk."""

    sink: Sink
    after_insert: Sink
    take_back: TakeBack
    clock: Callable[[], int] = time.time_ns
    open_segment: Callable[[Path], Segment] = FileSegment


class Pipeline:
    """Opens the log directory and recovers what a crash left. ``start`` starts the writer.

    Raises DirectoryInUse if another collector uses the directory.
    """

    def __init__(self, settings: CollectorSettings, hooks: PipelineHooks, telemetry: Telemetry) -> None:
        self._lock = DirectoryLock(settings.log_dir)
        try:
            self._open(settings, hooks, telemetry)
        except BaseException:
            self._lock.close()
            raise

    def _open(self, settings: CollectorSettings, hooks: PipelineHooks, telemetry: Telemetry) -> None:
        self.dead_letters = DeadLetters(settings.log_dir / DEAD_LETTERS, settings.dead_letter_cap_bytes)
        self.dead_letters.tidy()
        settle(self.dead_letters, partial(in_log, settings.log_dir))
        self._progress = WriterProgress(settings.log_dir)
        plan = self._progress.plan
        # Before the log is opened, because that deletes files whose digests are read here.
        self.duplicates = Duplicates(
            settings.log_dir, settings.duplicate_window_s, settings.duplicate_entries, hooks.clock
        )
        self.log = DurableLog(
            settings.log_dir,
            plan.end if plan.done else plan.start,  # an unfinished batch is read and inserted again
            segment_bytes=settings.segment_bytes,
            hooks=LogHooks(
                hooks.open_segment, telemetry.fsync_seconds.observe, self.duplicates.save_before_delete, hooks.clock
            ),
        )
        parts = WriterParts(
            self.log, self._progress, self.dead_letters, telemetry, hooks.sink, hooks.after_insert, hooks.take_back
        )
        self.writer = Writer(parts, settings)
        self.committer = Committer(self.log, settings.commit_interval_ms, self.duplicates)
        self._add_gauges(telemetry)

    def start(self) -> None:
        """Start to insert, beginning with the batch that a crash interrupted."""
        self.writer.start()

    def announce(self, **addresses: Unpack[Addresses]) -> None:
        """Write down where the collector is reached, for commands that find the directory in use."""
        self._lock.announce(**addresses)

    def stop(self, timeout_s: float) -> bool:
        """Commit what was submitted, then insert for up to ``timeout_s``. False if something stays in the log."""
        self.committer.close()
        emptied = self.writer.stop(timeout_s)
        self.log.close()
        if not self.writer.alive:
            # A writer that hangs in an insert still owns this file. It can write nothing more: see Retrier.abandon.
            self._progress.close()
        self._lock.close()
        return emptied

    def _add_gauges(self, telemetry: Telemetry) -> None:
        telemetry.gauges(
            {
                "log_pending_bytes": ("Bytes acknowledged and not yet stored.", lambda: self.log.pending_bytes),
                "log_oldest_pending_seconds": ("Age of the oldest request not yet stored.", self.log.oldest_age_s),
                "log_torn_bytes": ("Bytes of unfinished writes cut off at the start.", lambda: self.log.torn_bytes),
                "known_requests": (
                    "Requests that would be recognised as duplicates.",
                    lambda: float(len(self.duplicates)),
                ),
                "dead_letters": ("Dead letters that wait for a decision.", lambda: self.dead_letters.count),
                "dead_letter_bytes": ("Disk space of the dead letters.", lambda: self.dead_letters.disk_bytes),
                "store_reachable": ("1 while inserts go through, else 0.", lambda: float(self.writer.trouble is None)),
            }
        )
