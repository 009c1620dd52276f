"""Rebuilds of cases beside serving: those that an operator starts, and those that are due at a start."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cases.errors import InvalidQuery, NotFound
from cases.fold.case_filter import CaseFilter
from cases.fold.rebuild import rebuild, refold
from cases.fold.state import outdated
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
class DueRebuild:
    """What is due at a start. ``old``: an older version of Flowtrail folded the cases."""

    declared: tuple[Declared, ...]
    old: bool


@dataclass(frozen=True, slots=True)
class Rebuilds:
    """Rebuilds the cases of ``store``, whose new batches ``fold`` folds."""

    store: Store
    fold: Fold
    jobs: Jobs

    def routes(self) -> Routes:
        return JobRoutes(PATH, KIND, self.jobs, self.start).table()

    def start(self, body: dict[str, Any], tenant: str) -> Job:
        """Start the rebuild that an operator requests: of the cases of ``tenant``, or of all cases if it is ''.

        ``body``: ``flow`` and ``since``, or neither. Raises InvalidQuery and Refusal.
        """
        unknown = sorted(set(body) - {"flow", "since"})
        if unknown:
            raise InvalidQuery(f"There is no field {unknown[0][:80]!r} here.", "Use flow and since, or neither.")
        selected = CaseFilter(tenant, _text(body.get("flow")), since_of(_text(body.get("since"))))
        return self.jobs.start(KIND, tenant, lambda progress: run_rebuild(self.store, selected, self.fold, progress))

    def due(self, declared: tuple[Declared, ...]) -> DueRebuild | None:
        """What a new version of Flowtrail or a changed declaration makes due; None: nothing."""
        due = DueRebuild(declared, old=outdated(self.store))
        return due if due.old or any(flows.due for flows in declared) else None

    def start_due(self, due: DueRebuild) -> Job:
        """Start what is due."""
        reason = "an older version of Flowtrail folded them" if due.old else "the declaration of a flow changed"
        _LOG.warning("Cases are being rebuilt beside serving: %s.", reason)
        return self.jobs.start(KIND, "", lambda progress: self._follow(due, progress))

    def _follow(self, due: DueRebuild, progress: Progress) -> dict[str, Any]:
        # Changed paths rebuild all cases in any case. An old version must not make the same work twice.
        if due.old and not any(flows.paths for flows in due.declared):
            rebuild(self.store, fold=self.fold, progress=progress)
        follow(self.store, due.declared, self.fold, progress)
        _LOG.warning("Cases have been rebuilt.")
        return {}


def run_rebuild(
    store: Store, selected: CaseFilter, fold: Fold | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Rebuild all cases, or fold the selected ones again; returns ``{"cases": n}``. Raises NotFound and Stopped."""
    if selected.everything:
        return {"cases": rebuild(store, fold=fold, progress=progress)}
    cases = refold(store, selected, fold, progress)
    if selected.flow and not cases:
        when = f" since {selected.since.isoformat()}" if selected.since else ""
        raise NotFound(f"The flow {selected.flow!r} has no case{when}.", "GET /api/v1/flows lists the flows.")
    return {"cases": cases}


def since_of(text: str) -> datetime | None:
    """A day or an instant, in UTC if it names no time zone; '' is None. Raises InvalidQuery."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidQuery(
            f"{text[:40]!r} is neither a day nor an instant.", "Write 2026-11-01 or 2026-11-01T08:00:00Z."
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidQuery("flow and since are texts.", 'Send, for example, {"flow": "order-to-cash"}.')
    return value
