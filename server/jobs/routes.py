"""Jobs over HTTP, for operators: start one, see how far it is, stop it. On the HTTP port of the collector."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from cases.errors import CasesError
from collector.errors import Refusal
from collector.http.route import Route, Routes
from collector.routes.operators import admit, as_json, who
from common.scopes import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.http.message import Request, Response
    from collector.principal import Principal
    from server.jobs.jobs import Job, Jobs

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobRoutes:
    """The addresses ``path`` and ``path/<id>`` of one kind of job.

    ``start`` gets the body of the request, a JSON object, and the tenant, '' for all, and starts the job; it may raise
    CasesError and Refusal. A key sees, starts and stops only the jobs of its own tenant, unless its scope is
    ``operate-all``.
    """

    path: str
    kind: str
    jobs: Jobs
    start: Callable[[dict[str, Any], str], Job]

    def table(self) -> Routes:
        return {
            self.path: Route(("GET", "POST"), Scope.OPERATE, self._collection, admit),
            f"{self.path}/": Route(("GET", "DELETE"), Scope.OPERATE, self._job, admit),
        }

    async def _collection(self, request: Request) -> Response:
        if request.head.method == "GET":
            return as_json({"jobs": [job.shown() for job in self.jobs.all() if self._sees(job, request.principal)]})
        try:
            # In a thread: it reads from the store before it returns.
            job = await asyncio.to_thread(self.start, _object(request.body), _tenant(request.principal))
        except CasesError as error:
            code = "not_found" if error.code == "not_found" else "invalid_data"
            raise Refusal(code, error.message, error.hint) from None
        _LOG.warning("A %s was started by %s.", self.kind, who(request.principal), extra={"job": job.id})
        return as_json(job.shown(), 202)

    async def _job(self, request: Request) -> Response:
        job_id = request.head.path.removeprefix(f"{self.path}/")
        job = self.jobs.get(job_id)
        if job is None or not self._sees(job, request.principal):
            raise Refusal(
                "not_found", f"There is no {self.kind} {job_id[:100]!r}.", "Only the last ones are remembered."
            )
        if request.head.method == "DELETE" and job.state == "running":
            job.stopping.set()
            _LOG.warning("A %s is being stopped by %s.", self.kind, who(request.principal), extra={"job": job.id})
        return as_json(job.shown())

    def _sees(self, job: Job, principal: Principal) -> bool:
        # To a key of another tenant, a job does not exist: not even its id is confirmed.
        return job.kind == self.kind and (principal.all_tenants or principal.tenant == job.tenant)


def _tenant(principal: Principal) -> str:
    """Whose cases a job of ``principal`` is about."""
    return "" if principal.all_tenants else principal.tenant


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body) if body.strip() else {}
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise Refusal("invalid_data", "The body is not a JSON object.", 'Send {} or, for example, {"flow": "…"}.')
    return document
