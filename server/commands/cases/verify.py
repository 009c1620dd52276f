"""Checks of cases for the command line: by the server that runs, else on the store itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cases.fold.fold import Folder
from server.commands.offline_store import opened
from server.jobs.client import JobClient
from server.jobs.verifications import PATH, verified
from server.running import collector_address

if TYPE_CHECKING:
    from cases.progress import Progress
    from server.jobs.verifications import Wanted
    from server.settings import Settings


def check(settings: Settings, wanted: Wanted, progress: Progress, url: str = "", key: str = "") -> dict[str, Any]:
    """What :func:`server.jobs.verifications.verified` finds.

    Raises CasesError, StoreError, ClientError and NotRunning.
    """
    address = url or collector_address(settings.data, "--url")
    if address:
        return JobClient(address, PATH, key).run(wanted.body(), progress)
    with opened(settings) as store:
        folder = Folder(store)
        folder.catch_up()  # what a stop left over would differ
        return verified(store, wanted, folder, progress)
