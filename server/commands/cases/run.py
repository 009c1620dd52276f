"""Rebuilds and checks of cases: by the server on the data directory, else on the store itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cases.fold.case_filter import CaseFilter
from cases.fold.fold import Fold
from server.commands.offline_store import opened
from server.jobs import rebuilds, verifications
from server.jobs.client import JobClient
from server.running import collector_address

if TYPE_CHECKING:
    from cases.progress import Progress
    from server.jobs.verifications import VerificationRequest
    from server.settings import Settings


def rebuild_cases(settings: Settings, request: dict[str, str], progress: Progress, server: JobClient | None) -> int:
    """Rebuild the cases that ``request`` (``flow``, ``since``) selects, all if it is empty. Returns how many.

    Raises CasesError, StoreError, ClientError and NotRunning.
    """
    if server:
        return int(server.run(rebuilds.PATH, request, progress)["cases"])
    selected = CaseFilter(flow=request.get("flow", ""), since=rebuilds.since_of(request.get("since", "")))
    with opened(settings) as store:
        return int(rebuilds.run_rebuild(store, selected, progress=progress)["cases"])


def verify_cases(
    settings: Settings, request: VerificationRequest, progress: Progress, server: JobClient | None
) -> dict[str, Any]:
    """The result of :func:`server.jobs.verifications.run_verification`.

    Raises CasesError, StoreError, ClientError and NotRunning.
    """
    if server:
        return server.run(verifications.PATH, request.body(), progress)
    with opened(settings) as store:
        fold = Fold(store)
        fold.catch_up()  # batches that the last stop left unfolded would show as differences
        return verifications.run_verification(store, request, fold, progress)


def job_server(settings: Settings, url: str, key: str) -> JobClient | None:
    """The collector that does the work: at ``url``, else on the data directory. None: nothing runs there.

    Raises NotRunning.
    """
    address = url or collector_address(settings.data, "--url")
    return JobClient(address, key) if address else None
