"""An import from the command line: which files by which mappings, to which collector, and how it ended."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from importing.checkpoint import Checkpoint
from importing.errors import ImportFailed, Unreadable
from importing.mapping.mapping import Mapping, read_mapping
from importing.progress_line import ProgressLine
from importing.report import Report
from importing.run import ImportRun, ImportSummary, LogFile
from importing.sending.client import CollectorClient
from server.commands.import_.target import destination

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.commands.import_.target import Destination
    from server.settings import Settings

_SETTLE_S = 600.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for. ``to`` is '' for the local collector; ``report`` None for a place of our own."""

    to: str = ""
    key: str = ""
    strict: bool = False
    resume: bool = False
    report: Path | None = None
    patience_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Done:
    """How an import ended. ``closing``: the last line for a person."""

    summaries: Sequence[ImportSummary]
    set_aside: int
    closing: str

    @property
    def complete(self) -> bool:
        return not self.set_aside


def jobs(files: Sequence[str], mapping: Path | None, kind: str | None) -> list[LogFile]:
    """``FILE`` or ``FILE=MAPPING`` each; ``mapping`` for those that name none. Raises ImportFailed."""
    given = read_mapping(mapping) if mapping else Mapping()
    found = []
    for text in files:
        path, rule = Path(text), given
        if not path.exists() and "=" in text:
            name, _, mapped = text.rpartition("=")
            path, rule = Path(name), read_mapping(Path(mapped))
        if not path.is_file():
            raise ImportFailed("not_found", f"There is no file {path}.", "Check its name.")
        found.append(LogFile(path, rule, kind or ""))
    return found


def run(wanted: Sequence[LogFile], settings: Settings, wishes: Wishes, out: IO[str]) -> Done:
    """Send what ``wanted`` names, one after the other. Raises ImportFailed, and what a start of a collector raises."""
    report = Report(wishes.report or settings.data / "imports" / f"{wanted[0].name}.unread.jsonl", strict=wishes.strict)
    with closing(report), destination(settings, wishes.to, wishes.key, wishes.patience_s) as goal:
        summaries = _send(wanted, settings, wishes, report, goal, out)
        settled = goal.settled(_SETTLE_S)
    return Done(summaries, report.count, _closing(report, settled=settled))


def _send(  # noqa: PLR0913, PLR0917 - one call, its parts are named
    wanted: Sequence[LogFile], settings: Settings, wishes: Wishes, report: Report, goal: Destination, out: IO[str]
) -> list[ImportSummary]:
    progress = ProgressLine(out)
    summaries = []
    with closing(CollectorClient(goal.target)) as sender:
        for job in wanted:
            address = wishes.to or str(settings.data)
            checkpoint = Checkpoint(settings.data / "imports", job.path, job.mapping, address)
            one = ImportRun(job, sender, report, checkpoint)
            try:
                summaries.append(one.go(resume=wishes.resume, tick=partial(progress.tick, one)))
            except Unreadable as problem:
                raise ImportFailed(
                    "unreadable", f"{problem}", f"{one.summary.sent:,} events before it were sent."
                ) from None
            finally:
                progress.end()
    return summaries


def _closing(report: Report, *, settled: bool) -> str:
    lines = [
        f"Not read: {count:,} times {why} First: {report.first[why].place}. {report.first[why].remedy}"
        for why, count in report.reasons.most_common(10)
    ]
    if report.count:
        lines.append(f"{report.count:,} problems are listed in {report.path}.")
    lines.append(
        "Everything sent is in the cases." if settled else "The events are acknowledged; cases follow shortly."
    )
    return "\n".join(lines)
