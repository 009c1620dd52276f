"""The HTTP port: listens, closes connections that are too slow, and stops without losing an answer."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import time
from typing import TYPE_CHECKING, Final

from collector.errors import PortTaken
from collector.http.protocol import HttpProtocol
from common.connections import Connections
from common.listener import Listener, bound_socket

if TYPE_CHECKING:
    from collector.http.protocol import App
    from collector.settings import CollectorSettings

_SWEEP_S: Final = 0.5
"""Seconds between two looks at the deadlines of all connections. Cheaper than a timer for each."""

_POLL_S: Final = 0.01


class HttpServer:
    """OTLP/HTTP on one port of the running event loop."""

    def __init__(self, app: App, settings: CollectorSettings) -> None:
        self._app = app
        self._settings = settings
        self._connections: Connections[HttpProtocol] = Connections(settings.max_connections)
        self._listener: Listener | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self.port = 0
        """The port, once started."""

    async def start(self) -> None:
        """Bind and listen; raises PortTaken."""
        settings = self._settings
        try:
            bound = bound_socket(settings.host, settings.http_port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(settings.http_port, "http_port", settings.host) from None
            raise
        self.port = bound.getsockname()[1]
        self._listener = Listener(bound, self._connection, self._connections.is_full)
        self._listener.start()
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self, timeout_s: float) -> None:
        """Refuse new connections and requests, answer those under way for up to ``timeout_s``, then close."""
        if self._listener is None or self._sweeper is None:
            return
        self._listener.stop()
        for connection in self._connections:
            connection.drain()
        until = time.monotonic() + timeout_s
        while any(connection.answering for connection in self._connections) and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)
        await asyncio.sleep(0)  # let the event loop write the last answers
        for connection in self._connections:
            connection.abort()
        self._sweeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._sweeper

    def _connection(self) -> HttpProtocol:
        return HttpProtocol(self._app, self._settings, self._connections, time.monotonic)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            now = time.monotonic()
            for connection in self._connections:
                connection.sweep(now)
