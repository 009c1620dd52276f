"""Checks of the stored cases beside serving, for operators: recomputed in pandas, or by the fold's own statements."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from cases.errors import InvalidQuery, NotFound
from cases.fold.rebuild import verify
from common.tenants import DEFAULT_TENANT
from server.jobs.routes import JobRoutes

if TYPE_CHECKING:
    from cases.fold.fold import Fold
    from cases.progress import Progress
    from collector.http.route import Routes
    from server.jobs.jobs import Job, Jobs
    from store.client import Store

PATH: Final = "/v1/verifications"
KIND: Final = "verification"

SAMPLE: Final = 1000
_SHOWN: Final = 1000
"""Differences that are told one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to check: ``sample`` cases (None: all) of ``tenant`` and ``flow`` ('': any).

    ``same_sql``: all cases instead, by the statements of the fold, which shows whether folding bit by bit came to the
    same as folding once.
    """

    sample: int | None = SAMPLE
    flow: str = ""
    tenant: str = ""
    same_sql: bool = False

    def body(self) -> dict[str, Any]:
        """What is asked of a running server; its key says the tenant."""
        return {"sample": self.sample, "flow": self.flow, "same_sql": self.same_sql}


@dataclass(frozen=True, slots=True)
class Verifications:
    """What checks the cases of ``store``, whose new batches ``folder`` folds."""

    store: Store
    folder: Fold
    jobs: Jobs

    def routes(self) -> Routes:
        return JobRoutes(PATH, KIND, self.jobs, self.ask).table()

    def ask(self, body: dict[str, Any], tenant: str) -> Job:
        """Begin what an operator asks for; of other tenants only the default tenant's may."""
        wanted = _wanted(body, "" if tenant == DEFAULT_TENANT else tenant)
        return self.jobs.start(KIND, tenant, lambda progress: verified(self.store, wanted, self.folder, progress))


def verified(store: Store, wanted: Wanted, folder: Fold, progress: Progress) -> dict[str, Any]:
    """Check it: ``cases`` and ``events`` counted, how many ``differing``, and ``differences`` in words.

    Raises NotFound where the flow has no case, and Stopped.
    """
    if wanted.same_sql:
        return _by_the_fold(store, folder, progress)
    from cases.recompute import recompute  # noqa: PLC0415 - pandas is slow to load and seldom needed

    found = recompute(store, tenant=wanted.tenant, flow=wanted.flow, sample=wanted.sample, progress=progress)
    if wanted.flow and not found.cases:
        raise NotFound(f"The flow {wanted.flow!r} has no case.", "GET /api/v1/flows lists the flows.")
    return {
        "cases": found.cases,
        "events": found.events,
        "differing": len(found.differences),
        "differences": [asdict(one) | {"text": str(one)} for one in found.differences[:_SHOWN]],
        "changing": len(found.restless),
    }


def _by_the_fold(store: Store, folder: Fold, progress: Progress) -> dict[str, Any]:
    progress.begin(1)
    progress.part("folding everything again")
    found = verify(store, fold=folder)
    texts = [
        f"{one.tenant} {one.flow} {one.case_id}: {one.kind}"
        + (f" ({', '.join(one.columns)})." if one.columns and one.kind == "changed" else ".")
        for one in found.differences
    ]
    texts += [
        f"{number} {what} differ."
        for number, what in ((found.links, "links"), (found.reach, "reached ids"), (found.hubs, "hubs"))
        if number
    ]
    return {
        "cases": found.cases,
        "events": None,
        "differing": len(texts),
        "differences": [{"text": text} for text in texts[:_SHOWN]],
        "changing": 0,
    }


def _wanted(body: dict[str, Any], tenant: str) -> Wanted:
    unknown = sorted(set(body) - {"sample", "flow", "same_sql"})
    if unknown:
        raise InvalidQuery(f"There is no field {unknown[0][:80]!r} here.", "Use sample, flow and same_sql, or none.")
    sample, flow, same_sql = body.get("sample", SAMPLE), body.get("flow") or "", body.get("same_sql") or False
    if sample is not None and (not isinstance(sample, int) or isinstance(sample, bool) or sample < 1):
        raise InvalidQuery("sample is no number of cases.", "Send a whole number from 1, or null for all cases.")
    if not isinstance(flow, str) or not isinstance(same_sql, bool):
        raise InvalidQuery(
            "flow is a text and same_sql true or false.", 'Send, for example, {"flow": "order-to-cash"}.'
        )
    if same_sql and (tenant or flow):
        raise InvalidQuery(
            "same_sql checks all cases of all tenants.", "Leave flow out, and ask with a key of the default tenant."
        )
    return Wanted(sample, flow, tenant, same_sql)
