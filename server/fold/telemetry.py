"""The metrics of the fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from server.fold.backlog import Backlog

if TYPE_CHECKING:
    from collector.telemetry.telemetry import Telemetry

PREFIX: Final = "flowtrail_fold_"


class FoldTelemetry:
    """The metrics of the fold on the page ``/metrics``."""

    def __init__(self, telemetry: Telemetry) -> None:
        self.backlog = Backlog()
        self.batches = telemetry.counter("batches_total", "Batches whose cases were folded.", prefix=PREFIX)
        self.failures = telemetry.counter("failures_total", "Runs that failed and are repeated.", prefix=PREFIX)
        self.seconds = telemetry.histogram("seconds", "One run of the fold over up to 64 batches.", prefix=PREFIX)
        telemetry.gauges(
            {
                "pending_batches": ("Batches stored and not yet folded.", lambda: self.backlog.batches),
                "oldest_pending_seconds": (
                    "How long the oldest of them has waited; after a restart, counted from the start.",
                    lambda: self.backlog.oldest_s,
                ),
            },
            prefix=PREFIX,
        )
