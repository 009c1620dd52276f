"""An import: the logs and their mappings, sent to a collector, and how it ended."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from importing.checkpoint import Checkpoint
from importing.errors import ImportFailed, Unreadable
from importing.mapping.mapping import Mapping, read_mapping
from importing.progress_line import ProgressLine
from importing.report import Report
from importing.run import ImportRun, ImportSummary, LogFile
from importing.sending.client import CollectorClient
from server.commands.common import plural
from server.commands.import_.destination import destination

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.commands.import_.destination import Destination
    from server.settings import Settings

_SETTLE_S: Final = 600.0
"""Seconds to wait until everything that was sent is in the cases."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import. ``to``: the address of a collector, '' for the data directory; ``report``: None for the default.

    ``patience_s``: seconds to wait for a collector that is busy or away.
    """

    to: str = ""
    key: str = ""
    strict: bool = False
    resume: bool = False
    report: Path | None = None
    patience_s: float = 300.0


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How an import ended. ``set_aside``: records that could not be read. ``closing``: the last line for a person."""

    summaries: Sequence[ImportSummary]
    set_aside: int
    closing: str

    @property
    def complete(self) -> bool:
        return not self.set_aside


def log_files(files: Sequence[str], mapping: Path | None, kind: str | None) -> list[LogFile]:
    """The logs that the command line names, each ``FILE`` or ``FILE=MAPPING``; ``mapping`` is for those without one.

    Raises ImportFailed.
    """
    default = read_mapping(mapping) if mapping else Mapping()
    logs = []
    for text in files:
        path, rules = Path(text), default
        # A file may have = in its own name.
        if not path.exists() and "=" in text:
            name, _, mapping_name = text.rpartition("=")
            path, rules = Path(name), read_mapping(Path(mapping_name))
        if not path.is_file():
            raise ImportFailed("not_found", f"There is no file {path}.", "Check its name.")
        logs.append(LogFile(path, rules, kind or ""))
    return logs


def run(logs: Sequence[LogFile], settings: Settings, options: ImportOptions, out: IO[str]) -> ImportResult:
    """Import ``logs``, one after the other. Raises ImportFailed, and what the start of a collector raises."""
    default = settings.data / "imports" / f"{logs[0].name}.unread.jsonl"
    report = Report(options.report or default, strict=options.strict)
    with closing(report), destination(settings, options.to, options.key, options.patience_s) as collector:
        summaries = _send(logs, settings, options, _Sending(collector, report, out))
        settled = collector.settled(_SETTLE_S)
    return ImportResult(summaries, report.count, _closing(report, settled=settled))


@dataclass(frozen=True, slots=True)
class _Sending:
    """Where the events go, and where problems and progress are written."""

    collector: Destination
    report: Report
    out: IO[str]


def _send(
    logs: Sequence[LogFile], settings: Settings, options: ImportOptions, sending: _Sending
) -> list[ImportSummary]:
    progress = ProgressLine(sending.out)
    summaries = []
    with closing(CollectorClient(sending.collector.target)) as client:
        for log in logs:
            # Not the address of a collector that is started for this import: its port is another one each time.
            address = options.to or str(settings.data)
            checkpoint = Checkpoint(settings.data / "imports", log.path, log.mapping, address)
            work = ImportRun(log, client, sending.report, checkpoint)
            try:
                summaries.append(work.go(resume=options.resume, tick=partial(progress.tick, work)))
            except Unreadable as problem:
                raise ImportFailed(
                    "unreadable", f"{problem}", f"{plural(work.summary.sent, 'event')} before it had been sent."
                ) from None
            finally:
                progress.end()
    return summaries


def _closing(report: Report, *, settled: bool) -> str:
    lines = [
        f"{plural(count, 'problem')}: {reason} First: {report.first[reason].place}. {report.first[reason].remedy}"
        for reason, count in report.reasons.most_common(10)
    ]
    if report.count:
        lines.append(f"The report of {plural(report.count, 'problem')} is {report.path}.")
    lines.append(
        "Everything sent is in the cases." if settled else "The events are acknowledged; cases follow shortly."
    )
    return "\n".join(lines)
