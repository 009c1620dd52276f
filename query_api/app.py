"""The query API as an ASGI app. It only reads."""

from collections.abc import Callable, Sequence
from importlib.metadata import version

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware

from query_api import problems
from query_api.access import Authenticate, loopback_only, tenant
from query_api.clock import Clock, system_clock
from query_api.headers import UncachedReads
from query_api.hosts import KnownHosts
from query_api.paths import ExactPaths
from query_api.routes import cases, export, flows, health, kpis, measures, search
from query_api.schemas.problem import Problem
from store.client import Store

PREFIX = "/api/v1"

TokenKey = Callable[[str], bytes | None]
"""A tenant's tokenising key; None where it has none."""


def _no_key(_tenant: str) -> None:
    """Nothing is tokenised."""


def create_app(
    store: Store,
    clock: Clock = system_clock,
    hosts: Sequence[str] | None = None,
    token_key: TokenKey = _no_key,
    authenticate: Authenticate = loopback_only,
) -> FastAPI:
    """The app over ``store``; ``clock`` says what "now" is in every answer.

    ``hosts`` are the names it answers to, on any port, mounted apps included; None is any name. A server on a loopback
    address should name ``common.loopback.LOOPBACK_NAMES``.

    ``token_key`` lets a search for a value find the token that was stored instead of it; no answer holds the key.

    ``authenticate`` decides whose data a request may read; no address below ``/api/v1`` is answered without asking it.

    The caller owns ``store`` and closes it. Endpoints run in threads, because the store blocks.
    """
    known = [] if hosts is None else [Middleware(KnownHosts, hosts=hosts)]
    app = FastAPI(
        title="Flowtrail query API",
        version=version("flowtrail-server"),
        description="Cases, trails and figures. Times are RFC 3339 in UTC; errors are problem details (RFC 9457).",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # The pages that come with FastAPI load their scripts from the internet.
        redoc_url=None,
        redirect_slashes=False,  # A case id may end in a slash.
        middleware=[Middleware(UncachedReads), *known, Middleware(ExactPaths)],
        responses={"default": {"description": "A problem", "content": {problems.MEDIA_TYPE: _PROBLEM}}},
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
        },  # A reader of traces that sends its own is a loop.
    )
    app.state.store = store
    app.state.clock = clock
    app.state.token_key = token_key
    app.state.authenticate = authenticate
    for module in (search, flows, export, cases, kpis, measures):
        app.include_router(module.router, prefix=PREFIX, dependencies=[Depends(tenant)])
    app.include_router(health.router)
    problems.install(app)
    return app


_PROBLEM = {"schema": Problem.model_json_schema()}
