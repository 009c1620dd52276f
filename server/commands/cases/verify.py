"""Checks of cases for the command line: by the server that runs, else on the store itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cases.fold.fold import Fold
from collector.durable_log.directory_lock import holder
from collector.errors import CollectorError
from server.commands.offline_store import opened
from server.jobs.client import JobClient
from server.jobs.verifications import PATH, verified

if TYPE_CHECKING:
    from cases.progress import Progress
    from server.jobs.verifications import Wanted
    from server.settings import Settings


def check(settings: Settings, wanted: Wanted, progress: Progress, url: str = "", key: str = "") -> dict[str, Any]:
    """What :func:`server.jobs.verifications.verified` finds. Raises CasesError, StoreError and CollectorError."""
    running = holder(settings.collector().log_dir)
    if url or (running and running.http):
        return JobClient(url or (running.http if running else ""), PATH, key).run(wanted.body(), progress)
    if running:
        raise CollectorError(
            "directory_in_use",
            f"The folder {settings.data} is in use (process {running.pid or 'unknown'}), and not reached over HTTP.",
            "Try again in a moment, or say where the collector is: --url http://127.0.0.1:4318.",
        )
    with opened(settings) as store:
        folder = Fold(store)
        folder.catch_up()  # what a stop left over would differ
        return verified(store, wanted, folder, progress)
