"""Rebuilds for the command line: through the server that runs, else on the store itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.fold.selection import Selection
from server.commands.offline_store import opened
from server.jobs.client import JobClient
from server.jobs.rebuilds import PATH, rebuilt, since_of
from server.running import collector_address

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
    """Do it and return how many cases were folded. Raises CasesError, StoreError, ClientError and NotRunning."""
    url = wish.url or collector_address(settings.data, "--url")
    if url:
        return int(JobClient(url, PATH, wish.key).run(wish.body(), progress)["cases"])
    chosen = Selection(flow=wish.flow, since=since_of(wish.since))
    with opened(settings) as store:
        return int(rebuilt(store, chosen, progress=progress)["cases"])
