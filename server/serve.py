"""What each serving command runs until it is stopped."""

from __future__ import annotations

import asyncio
from typing import IO, TYPE_CHECKING

from common.loopback import is_loopback_host
from common.scopes import Scope
from dashboards.app import create_app as create_ui
from dashboards.serving.asgi import WsgiBridge
from server.authentication import authentication
from server.descriptors import fit_connections
from server.running import announced, http_address
from server.runtime import AllInOne, Ingest, asked_by_name, prepare_store, query_api, restricted, web_server
from server.sql_access import SqlDoor, open_alone

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from server.authentication import Authentication
    from server.settings import Settings
    from server.web import WebServer

Out = IO[str]


async def serve_all(settings: Settings, stopping: asyncio.Event, out: Out) -> None:
    """Run everything in one process."""
    settings = fit_connections(settings)
    store = await asyncio.to_thread(prepare_store, settings, readers=bool(settings.sql_port))
    try:
        with authentication(settings) as access:
            parts = AllInOne(settings, store, access)
            await parts.start()
            text = addresses(settings, parts) + keys_missing(settings, access, Scope.INGEST, Scope.READ)
            await _run_until(stopping, lambda: say(out, text), parts.stop)
    finally:
        store.close()


async def serve_collector(settings: Settings, stopping: asyncio.Event, out: Out) -> None:
    """Run the collector and the fold."""
    settings = fit_connections(settings)
    store = await asyncio.to_thread(prepare_store, settings)
    try:
        with authentication(settings) as access:
            parts = Ingest(settings, store, access)
            await parts.start()
            http, grpc = parts.collector.http_port, parts.collector.grpc_port
            text = f"OTLP/HTTP on {settings.host}:{http}, OTLP/gRPC on {settings.host}:{grpc}. Ctrl-C stops it."
            text += keys_missing(settings, access, Scope.INGEST)
            await _run_until(stopping, lambda: say(out, text), parts.stop)
    finally:
        store.close()


async def serve_api(settings: Settings, stopping: asyncio.Event, out: Out) -> None:
    """Run the query API."""
    settings = fit_connections(settings)
    store = await asyncio.to_thread(prepare_store, settings)
    try:
        with authentication(settings) as access:
            web = web_server(settings, query_api(settings, store, access))
            web.bind()  # before the announcement: the settings may say any free port
            with announced(settings.data, api=http_address(settings.host, web.port)):
                await _serve_web(web, "Query API", stopping, out, keys_missing(settings, access, Scope.READ))
    finally:
        store.close()


async def serve_ui(settings: Settings, stopping: asyncio.Event, out: Out) -> None:
    """Run the dashboards."""
    settings = fit_connections(settings)
    bridge = WsgiBridge(create_ui(settings.api_url, settings.api_key.get_secret_value()).server)
    try:
        app = asked_by_name(settings, restricted(settings, bridge))
        await _serve_web(web_server(settings, app), "UI", stopping, out)
    finally:
        bridge.close()


async def serve_store(settings: Settings, stopping: asyncio.Event, out: Out, *, writable: bool) -> None:
    """Serve the embedded store in SQL, and nothing else. Raises StoreError if it does not exist or is in use."""
    settings = fit_connections(settings)
    store = await asyncio.to_thread(open_alone, settings, writable=writable)
    try:
        with authentication(settings) as access:
            door = SqlDoor(settings, store, access, writable=writable)
            await door.start()
            text = f"SQL (ClickHouse's HTTP interface) on http://{settings.host}:{door.port}. Ctrl-C stops it."
            text += keys_missing(settings, access, Scope.ADMIN if writable else Scope.SQL)
            with announced(settings.data, sql=http_address(settings.host, door.port)):
                await _run_until(stopping, lambda: say(out, text), door.stop)
    finally:
        store.close()


def addresses(settings: Settings, parts: AllInOne) -> str:
    """The line that tells people and senders the addresses of the server."""
    host, ingest = settings.host, parts.ingest.collector
    web = parts.web.port if parts.web else settings.port
    sql = f"SQL http://{host}:{parts.sql.port}. " if parts.sql else ""
    return (
        f"Flowtrail is running: UI and API http://{host}:{web}, OTLP/HTTP http://{host}:{ingest.http_port}, "
        f"OTLP/gRPC {host}:{ingest.grpc_port}. {sql}Ctrl-C stops it."
    )


def keys_missing(settings: Settings, access: Authentication, *scopes: Scope) -> str:
    """A further line, if nobody can use the server yet because there is no key; '' otherwise."""
    missing = [scope for scope in scopes if not access.keyring.guards(scope)]
    if not missing or (is_loopback_host(settings.host) and not settings.require_keys):
        return ""
    how = " ".join(f"--scope {scope}" for scope in missing)
    return f"\nA key is needed and there is none yet. Create one with: flowtrail keys create {how}"


async def _serve_web(web: WebServer, name: str, stopping: asyncio.Event, out: Out, more: str = "") -> None:
    await web.start()
    await _run_until(stopping, lambda: say(out, f"{name} on port {web.port}. Ctrl-C stops it.{more}"), web.stop)


async def _run_until(stopping: asyncio.Event, started: Callable[[], None], stop: Callable[[], Awaitable[None]]) -> None:
    try:
        started()
        await stopping.wait()
    finally:
        await stop()


def say(out: Out, text: str) -> None:
    """Print a line at once, also into a pipe."""
    out.write(f"{text}\n")
    out.flush()
