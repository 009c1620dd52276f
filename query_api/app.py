"""The factory of the query API."""

from collections.abc import Callable, Sequence
from importlib.metadata import version

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware

from common.fair_turns import FairTurns
from query_api import problems
from query_api.access import TURNS, Authenticate, loopback_only, tenant
from query_api.clock import Clock, system_clock
from query_api.headers import UncachedReads
from query_api.hosts import KnownHosts
from query_api.paths import ExactPaths
from query_api.routes import cases, export, flows, health, kpis, measures, search
from query_api.schemas.problem import Problem
from store.client import Store

PREFIX = "/api/v1"

_ABOUT = (
    "Cases, trails, KPIs and business measures. The API only reads. Times are RFC 3339 in UTC, durations are seconds, "
    "errors are problem details (RFC 9457). The words are defined in docs/glossary.md."
)

TokenKey = Callable[[str], bytes | None]
"""Tenant → the key with which its values are tokenised; None if it has none."""


def _no_key(_tenant: str) -> None:
    """The default: no tenant tokenises values."""


def create_app(
    store: Store,
    clock: Clock = system_clock,
    hosts: Sequence[str] | None = None,
    token_key: TokenKey = _no_key,
    authenticate: Authenticate = loopback_only,
) -> FastAPI:
    """The query API over ``store``, as an ASGI app.

    ``clock`` returns the instant that an answer is about, unless the request names another one.

    ``hosts`` are the host names that the app accepts, on any port; None accepts any. They hold for mounted apps too. A
    server on a loopback address should pass ``common.loopback.LOOPBACK_NAMES``.

    ``token_key`` returns the key of a tenant, so that a search for an original value finds its token. No answer
    contains the key.

    ``authenticate`` decides whose data a request may read. It runs before every endpoint below ``/api/v1``.

    The caller owns ``store`` and closes it. Endpoints run in threads, because the store blocks.

    >>> app = create_app(open_store("chdb:///var/lib/flowtrail/store"))  # doctest: +SKIP
    """
    host_check = [] if hosts is None else [Middleware(KnownHosts, hosts=hosts)]
    app = FastAPI(
        title="Flowtrail query API",
        version=version("flowtrail-server"),
        description=_ABOUT,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # FastAPI's own documentation pages load scripts from a CDN.
        redoc_url=None,
        redirect_slashes=False,  # A case id may end in a slash.
        middleware=[Middleware(UncachedReads), *host_check, Middleware(ExactPaths)],
        responses={
            "default": {
                "description": "Any error, as problem details (RFC 9457)",
                "content": {problems.MEDIA_TYPE: _PROBLEM},
            }
        },
        # Spans about reading spans would make more spans to read: the API exports no telemetry.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.store = store
    app.state.clock = clock
    app.state.token_key = token_key
    app.state.authenticate = authenticate
    app.state.turns = FairTurns(TURNS)
    for module in (search, flows, export, cases, kpis, measures):
        app.include_router(module.router, prefix=PREFIX, dependencies=[Depends(tenant)])
    app.include_router(health.router)
    problems.install(app)
    return app


_PROBLEM = {"schema": Problem.model_json_schema()}
