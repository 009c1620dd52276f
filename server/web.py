"""An ASGI server on one port, which this process starts and stops."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from typing import TYPE_CHECKING, Any

import uvicorn

from collector.errors import PortTaken

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTED_POLL_S = 0.01


class _Uvicorn(uvicorn.Server):
    """Uvicorn without its own signal handlers: this process stops several servers together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """One ASGI app on one port of the running event loop."""

    def __init__(self, app: Any, host: str, port: int, setting: str = "FLOWTRAIL_PORT") -> None:
        """``port`` 0 is any free one. ``setting`` is the one that chooses the port; errors name it."""
        self._host = host
        self._setting = setting
        self._requested_port = port
        config = uvicorn.Config(
            app,
            log_config=None,  # its lines go to our handler
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
            server_header=False,
            proxy_headers=False,  # or any client could claim to be on this machine
        )
        self._server = _Uvicorn(config)
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that is bound; 0 before the start."""
        return int(self._socket.getsockname()[1]) if self._socket else 0

    def bind(self) -> None:
        """Bind the port. Raises PortTaken. Separate from :meth:`start`, so that nothing starts if a port is taken."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # asyncio switches Nagle's algorithm off only if the protocol is named. With it, the second part of a response
        # would wait 40 ms for the acknowledgement of the first.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._requested_port))
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(self._requested_port, self._setting, self._host) from None
            raise
        self._socket = listener

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
