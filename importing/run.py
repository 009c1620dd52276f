"""One log in: read, understood, sent, with a checkpoint, a report of what could not be read, and a summary."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importing.errors import Unreadable
from importing.event_log import LogFile, open_event_log
from importing.reading.file_format import format_of
from importing.reading.record_stream import RecordStream
from importing.sending.request import Part, otlp_requests, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from importing.checkpoint import Checkpoint
    from importing.events.interpreter import Counts
    from importing.report import Report
    from importing.sending.client import Acknowledgement, CollectorClient

__all__ = ["ImportRun", "ImportSummary", "LogFile"]


@dataclass(slots=True)
class ImportSummary:
    """What an import came to. Times are Unix nanoseconds, 0 without events."""

    name: str
    kind: str = ""
    flows: Counter[str] = field(default_factory=Counter)
    cases: int = 0
    events: int = 0
    sent: int = 0
    first: int = 0
    last: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    counts: Counts | None = None
    guessed: tuple[str, ...] = ()


class ImportRun:
    """Sends the events of one log. ``tick`` is called after each batch that is acknowledged."""

    def __init__(
        self, job: LogFile, sender: CollectorClient, report: Report, checkpoint: Checkpoint | None = None
    ) -> None:
        self._job = job
        self._sender = sender
        self._report = report
        self._checkpoint = checkpoint
        self.summary = ImportSummary(job.name)
        self.log: RecordStream | None = None
        self._acknowledged = 0
        self._cases: set[int] = set()
        self._parts: Iterator[Part] = iter(())

    def go(self, *, resume: bool = False, tick: Callable[[], None] = lambda: None) -> ImportSummary:
        """Send everything; with ``resume`` what the checkpoint does not know yet. Raises ImportFailed, Unreadable."""
        skip = self._checkpoint.read() if self._checkpoint and resume else 0
        with ExitStack() as stack:
            self._read(stack, tick)
            try:
                for part in self._parts:
                    self._send(part, skip, tick)
                self._sender.flush()
            finally:
                if self._checkpoint:
                    self._checkpoint.reached(self._acknowledged, now=True)
        if self._checkpoint:
            self._checkpoint.forget()
        return self.summary

    def _read(self, stack: ExitStack, tick: Callable[[], None]) -> None:
        kind = self._job.kind or format_of(self._job.path)
        if kind == "otlp-json":
            self.log = RecordStream(kind, self._job.path.stat().st_size, False, iter(()), lambda: 0)
            self._parts = otlp_requests(self._job)
        else:
            opened = open_event_log(self._job, stack, self._report.add, tick)
            self.log = opened.log
            self.summary.guessed = opened.guessed.sentences
            self.summary.counts = opened.interpreter.counts
            self._parts = parts(opened, self._job.name)
        self.summary.kind = kind

    def _send(self, part: Part, skip: int, tick: Callable[[], None]) -> None:
        self._count(part)
        upto = self.summary.events

        def done(receipt: Acknowledgement) -> None:
            self._acknowledged = upto
            if receipt.rejected:
                self._refuse(part.count if receipt.rejected < 0 else receipt.rejected, receipt.reason, part)
            if self._checkpoint:
                self._checkpoint.reached(upto)
            tick()

        if upto <= skip:
            self._acknowledged = upto
            return
        self.summary.sent += part.count
        self._sender.send(part.body(), done, part.content_type)

    def _refuse(self, count: int, reason: str, part: Part) -> None:
        """The collector tells how many and why, not which: the place named is where the request begins."""
        self.summary.refused[reason] += count
        why = f"the collector refused {count:,} of the {part.count:,} events from here on: {reason}"
        remedy = "Those it could read are among its dead letters: flowtrail deadletters list."
        self._report.add(Unreadable(part.place, "", why, remedy))

    def _count(self, part: Part) -> None:
        summary = self.summary
        summary.events += part.count
        for flow, case in part.cases:
            if (key := hash((flow, case))) not in self._cases:
                self._cases.add(key)
                summary.flows[flow] += 1
        summary.cases = len(self._cases)
        summary.first = min(summary.first or part.first, part.first)
        summary.last = max(summary.last, part.last)
