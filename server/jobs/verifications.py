"""Checks of the stored cases beside serving: recomputed in pandas, or folded again with the same SQL."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from cases.errors import InvalidQuery, NotFound
from cases.fold.rebuild import verify
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
"""Differences that are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """What to check: ``sample`` cases (None: all) of ``tenant`` and ``flow`` ('': any).

    ``same_sql``: all cases instead, with the SQL of the fold. It shows whether folding batch by batch gives the same
    as folding everything at once.
    """

    sample: int | None = SAMPLE
    flow: str = ""
    tenant: str = ""
    same_sql: bool = False

    def body(self) -> dict[str, Any]:
        """The request as JSON for a running server. The tenant is that of the key."""
        return {"sample": self.sample, "flow": self.flow, "same_sql": self.same_sql}


@dataclass(frozen=True, slots=True)
class Verifications:
    """Checks the cases of ``store``, whose new batches ``fold`` folds."""

    store: Store
    fold: Fold
    jobs: Jobs

    def routes(self) -> Routes:
        return JobRoutes(PATH, KIND, self.jobs, self.start).table()

    def start(self, body: dict[str, Any], tenant: str) -> Job:
        """Start the check that an operator asks for, of the cases of ``tenant``, or of all cases if it is ''.

        Raises InvalidQuery and Refusal.
        """
        request = _parsed(body, tenant)
        return self.jobs.start(
            KIND, tenant, lambda progress: run_verification(self.store, request, self.fold, progress)
        )


def run_verification(store: Store, request: VerificationRequest, fold: Fold, progress: Progress) -> dict[str, Any]:
    """Check cases. The result counts ``cases``, ``events`` and ``differing`` and lists ``differences`` in words.

    ``changing`` counts cases that changed during the check. Raises NotFound if the flow has no case, and Stopped.
    """
    if request.same_sql:
        return _folded_again(store, fold, progress)
    from cases.recompute import recompute  # noqa: PLC0415 - pandas is slow to load and seldom needed

    check = recompute(store, tenant=request.tenant, flow=request.flow, sample=request.sample, progress=progress)
    if request.flow and not check.cases:
        raise NotFound(f"The flow {request.flow!r} has no case.", "GET /api/v1/flows lists the flows.")
    return {
        "cases": check.cases,
        "events": check.events,
        "differing": len(check.differences),
        "differences": [asdict(difference) | {"text": str(difference)} for difference in check.differences[:_SHOWN]],
        "changing": len(check.restless),
    }


def _folded_again(store: Store, fold: Fold, progress: Progress) -> dict[str, Any]:
    progress.begin(1)
    progress.part("folding everything again")
    check = verify(store, fold=fold)
    texts = [
        f"{case.tenant} {case.flow} {case.case_id}: {case.kind}"
        + (f" ({', '.join(case.columns)})." if case.columns and case.kind == "changed" else ".")
        for case in check.differences
    ]
    texts += [
        f"{number} {what} differ."
        for number, what in ((check.links, "links"), (check.reach, "reached ids"), (check.hubs, "hubs"))
        if number
    ]
    return {
        "cases": check.cases,
        "events": None,
        "differing": len(texts),
        "differences": [{"text": text} for text in texts[:_SHOWN]],
        "changing": 0,
    }


def _parsed(body: dict[str, Any], tenant: str) -> VerificationRequest:
    unknown = sorted(set(body) - {"sample", "flow", "same_sql"})
    if unknown:
        raise InvalidQuery(f"There is no field {unknown[0][:80]!r} here.", "Use sample, flow and same_sql, or none.")
    # A missing sample is the default. null means all cases.
    sample, flow, same_sql = body.get("sample", SAMPLE), body.get("flow") or "", body.get("same_sql") or False
    # In Python, True is an int.
    if sample is not None and (not isinstance(sample, int) or isinstance(sample, bool) or sample < 1):
        raise InvalidQuery("sample is not a number of cases.", "Send a whole number from 1, or null for all cases.")
    if not isinstance(flow, str) or not isinstance(same_sql, bool):
        raise InvalidQuery(
            "flow is a text and same_sql true or false.", 'Send, for example, {"flow": "order-to-cash"}.'
        )
    if same_sql and (tenant or flow):
        raise InvalidQuery(
            "same_sql checks all cases of all tenants.", "Leave out flow, and use a key with the scope operate-all."
        )
    return VerificationRequest(sample, flow, tenant, same_sql)
