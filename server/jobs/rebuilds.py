"""Rebuilds of cases beside serving: those an operator asks for, and those that a start finds due."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cases.errors import InvalidQuery, NotFound
from cases.fold.case_filter import CaseFilter
from cases.fold.rebuild import rebuild, refold
from cases.fold.state import outdated
from common.tenants import DEFAULT_TENANT
from server.flow_files import follow
from server.jobs.routes import JobRoutes

if TYPE_CHECKING:
    from cases.fold.fold import Fold
    from cases.progress import Progress
    from collector.http.route import Routes
    from server.flow_files import Declared
    from server.jobs.jobs import Job, Jobs
    from store.client import Store

_LOG = logging.getLogger(__name__)

PATH: Final = "/v1/rebuilds"
KIND: Final = "rebuild"


@dataclass(frozen=True, slots=True)
class Due:
    """What a start finds to do. ``old``: an older version of Flowtrail folded the cases."""

    declared: tuple[Declared, ...]
    old: bool


@dataclass(frozen=True, slots=True)
class Rebuilds:
    """What rebuilds the cases of ``store``, whose new batches ``folder`` folds."""

    store: Store
    folder: Fold
    jobs: Jobs

    def routes(self) -> Routes:
        return JobRoutes(PATH, KIND, self.jobs, self.ask).table()

    def ask(self, body: dict[str, Any], tenant: str) -> Job:
        """Begin what an operator asks for. Only the default tenant's may rebuild what is not their own."""
        unknown = sorted(set(body) - {"flow", "since"})
        if unknown:
            raise InvalidQuery(f"There is no field {unknown[0][:80]!r} here.", "Use flow and since, or neither.")
        own = "" if tenant == DEFAULT_TENANT else tenant
        chosen = CaseFilter(own, _text(body.get("flow")), since_of(_text(body.get("since"))))
        return self.jobs.start(KIND, tenant, lambda progress: rebuilt(self.store, chosen, self.folder, progress))

    def due(self, declared: tuple[Declared, ...]) -> Due | None:
        """What a new version of Flowtrail or a changed declaration asks for; None: nothing."""
        due = Due(declared, old=outdated(self.store))
        return due if due.old or any(one.due for one in declared) else None

    def begin(self, due: Due) -> Job:
        """Do it beside serving."""
        why = "an older version of Flowtrail folded them" if due.old else "the declaration of a flow changed"
        _LOG.warning("Cases are folded again beside serving: %s.", why)
        return self.jobs.start(KIND, DEFAULT_TENANT, lambda progress: self._follow(due, progress))

    def _follow(self, due: Due, progress: Progress) -> dict[str, Any]:
        if due.old and not any(one.paths for one in due.declared):
            rebuild(self.store, fold=self.folder, progress=progress)
        follow(self.store, due.declared, self.folder, progress)
        _LOG.warning("Cases are folded again.")
        return {}


def rebuilt(
    store: Store, chosen: CaseFilter, folder: Fold | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Rebuild everything, or fold the chosen cases again; returns ``{"cases": n}``. Raises NotFound and Stopped."""
    if chosen.everything:
        return {"cases": rebuild(store, fold=folder, progress=progress)}
    cases = refold(store, chosen, folder, progress)
    if chosen.flow and not cases:
        when = f" since {chosen.since.isoformat()}" if chosen.since else ""
        raise NotFound(f"The flow {chosen.flow!r} has no case{when}.", "GET /api/v1/flows lists the flows.")
    return {"cases": cases}


def since_of(text: str) -> datetime | None:
    """A day or an instant, in UTC unless it says otherwise; '' is None. Raises InvalidQuery."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidQuery(
            f"{text[:40]!r} is neither a day nor an instant.", "Write 2026-11-01 or 2026-11-01T08:00:00Z."
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidQuery("flow and since are texts.", 'Send, for example, {"flow": "order-to-cash"}.')
    return value
