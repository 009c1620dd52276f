"""An ASGI server on one port (pages and query API, or SQL), which this process starts and stops."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from collector.errors import PortTaken
from common.connections import Connections
from common.listener import Listener, bound_socket
from server.web_connection import WebConnection, WebLimits
from server.web_headers import WebHeaders

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

_STARTED_POLL_S: Final = 0.01
_SWEEP_S: Final = 0.5
"""Seconds between two looks at the deadlines of all connections."""


class _Uvicorn(uvicorn.Server):
    """Uvicorn with our own listener and without its signal handlers: this process stops several servers together."""

    def __init__(self, config: uvicorn.Config, connections: Connections[WebConnection]) -> None:
        super().__init__(config)
        self._connections = connections
        self._listener: Listener | None = None
        self._sweeper: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on the only one of ``sockets``."""
        assert sockets is not None  # noqa: S101 - WebServer passes it
        await self.lifespan.startup()
        self.servers = []
        connection: Any = self.config.http_protocol_class
        protocol = partial(connection, self.config, self.server_state, self.lifespan.state)
        self._listener = Listener(sockets[0], protocol, self._connections.is_full)
        self._listener.start()
        self._sweeper = asyncio.create_task(self._sweep())
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing more, answer what is under way."""
        if self._listener:
            self._listener.stop()
        await super().shutdown(sockets)
        if self._sweeper:
            self._sweeper.cancel()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            now = time.monotonic()
            for connection in self._connections:
                connection.sweep(now)


class WebServer:
    """One ASGI app on one port of the running event loop."""

    def __init__(
        self, app: Any, host: str, port: int, setting: str = "FLOWTRAIL_PORT", limits: WebLimits | None = None
    ) -> None:
        """``port`` 0 is any free one. ``setting`` is the one that chooses the port; errors name it."""
        limits = limits or WebLimits()
        connections: Connections[WebConnection] = Connections(limits.connections)
        self._host = host
        self._setting = setting
        self._requested_port = port
        config = uvicorn.Config(
            WebHeaders(app),
            http=partial(WebConnection, open_connections=connections, limits=limits),  # type: ignore[arg-type]
            ws="none",
            log_config=None,  # its lines go to our handler
            log_level="error",  # a warning for each request that is not HTTP would fill the disk
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
            server_header=False,
            proxy_headers=False,  # or any client could claim to be on this machine
        )
        self._server = _Uvicorn(config, connections)
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that is bound; 0 before the start."""
        return int(self._socket.getsockname()[1]) if self._socket else 0

    def bind(self) -> None:
        """Bind the port. Raises PortTaken. Separate from :meth:`start`, so that nothing starts if a port is taken."""
        try:
            self._socket = bound_socket(self._host, self._requested_port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(self._requested_port, self._setting, self._host) from None
            raise

    async def start(self) -> None:
        """Serve until :meth:`stop`."""
        if self._socket is None:
            self.bind()
        assert self._socket is not None  # noqa: S101 - bind() set it or raised
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started and not self._task.done():  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(_STARTED_POLL_S)
        if self._task.done():
            await self._task

    async def stop(self) -> None:
        """Finish current requests for up to five seconds, then close."""
        self._server.should_exit = True
        if self._task:
            await self._task
        if self._socket:
            self._socket.close()
