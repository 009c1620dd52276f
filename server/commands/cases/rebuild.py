"""Rebuilds for the command line: through the server that runs, else on the store itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.fold.case_filter import CaseFilter
from collector.durable_log.directory_lock import holder
from collector.errors import CollectorError
from server.commands.offline_store import opened
from server.jobs.client import JobClient
from server.jobs.rebuilds import PATH, rebuilt, since_of

if TYPE_CHECKING:
    from cases.progress import Progress
    from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Wish:
    """What to fold again: everything, a flow's cases, those with an event since then; ``url``, ``key``: who does it."""

    flow: str = ""
    since: str = ""
    url: str = ""
    key: str = ""

    def body(self) -> dict[str, str]:
        return {name: text for name, text in (("flow", self.flow), ("since", self.since)) if text}


def fold_again(settings: Settings, wish: Wish, progress: Progress) -> int:
    """Do it and return how many cases were folded. Raises CasesError, StoreError and CollectorError."""
    running = holder(settings.collector().log_dir)
    if wish.url or (running and running.http):
        return int(
            JobClient(wish.url or (running.http if running else ""), PATH, wish.key).run(wish.body(), progress)["cases"]
        )
    if running:
        raise CollectorError(
            "directory_in_use",
            f"The folder {settings.data} is in use (process {running.pid or 'unknown'}), and not reached over HTTP.",
            "Try again in a moment, or say where the collector is: --url http://127.0.0.1:4318.",
        )
    chosen = CaseFilter(flow=wish.flow, since=since_of(wish.since))
    with opened(settings) as store:
        return int(rebuilt(store, chosen, progress=progress)["cases"])
