"""What each serving command runs, until it is told to stop."""

from __future__ import annotations

import asyncio
from typing import IO, TYPE_CHECKING

from dashboards.app import create_app as create_ui
from dashboards.asgi import WsgiBridge
from query_api.app import create_app as create_api
from server.runtime import AllInOne, Ingest, known_hosts, prepare_store
from server.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from server.settings import Settings

Out = IO[str]


async def serve_all(settings: Settings, stopping: asyncio.Event, out: Out) -> None:
    """Everything in one process."""
    store = await asyncio.to_thread(prepare_store, settings)
    try:
        parts = AllInOne(settings, store)
        await parts.start()
        await _until(stopping, lambda: say(out, addresses(settings, parts)), parts.stop)
    finally:
        store.close()


async def serve_collector(settings: Settings, stopping: asyncio.Event, out: Out) -> None:
    """The collector and the fold."""
    store = await asyncio.to_thread(prepare_store, settings)
    try:
        parts = Ingest(settings, store)
        await parts.start()
        http, grpc = parts.collector.http_port, parts.collector.grpc_port
        text = f"OTLP/HTTP on {settings.host}:{http}, OTLP/gRPC on {settings.host}:{grpc}. Ctrl-C stops it."
        await _until(stopping, lambda: say(out, text), parts.stop)
    finally:
        store.close()


async def serve_api(settings: Settings, stopping: asyncio.Event, out: Out) -> None:
    """The query API."""
    store = await asyncio.to_thread(prepare_store, settings)
    try:
        await _serve_web(
            WebServer(create_api(store, hosts=known_hosts(settings)), settings.host, settings.port),
            "Query API",
            stopping,
            out,
        )
    finally:
        store.close()


async def serve_ui(settings: Settings, stopping: asyncio.Event, out: Out) -> None:
    """The dashboards."""
    bridge = WsgiBridge(create_ui(settings.api_url).server)
    try:
        await _serve_web(WebServer(bridge, settings.host, settings.port), "UI", stopping, out)
    finally:
        bridge.close()


def addresses(settings: Settings, parts: AllInOne) -> str:
    """Where a person and a sender find the running server."""
    host, ingest = settings.host, parts.ingest.collector
    web = parts.web.port if parts.web else settings.port
    return (
        f"Flowtrail is running: UI and API http://{host}:{web}, OTLP/HTTP http://{host}:{ingest.http_port}, "
        f"OTLP/gRPC {host}:{ingest.grpc_port}. Ctrl-C stops it."
    )


async def _serve_web(web: WebServer, name: str, stopping: asyncio.Event, out: Out) -> None:
    await web.start()
    await _until(stopping, lambda: say(out, f"{name} on port {web.port}. Ctrl-C stops it."), web.stop)


async def _until(stopping: asyncio.Event, started: Callable[[], None], stop: Callable[[], Awaitable[None]]) -> None:
    try:
        started()
        await stopping.wait()
    finally:
        await stop()


def say(out: Out, text: str) -> None:
    """Write a line at once, also into a pipe."""
    out.write(f"{text}\n")
    out.flush()
