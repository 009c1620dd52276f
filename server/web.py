"""UI and query API on one port, as an ASGI server that this process starts and stops."""

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
    """Uvicorn that leaves signals to the process it runs in: several servers stop together here."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """One ASGI app on one port of the running event loop."""

    def __init__(self, app: Any, host: str, port: int, setting: str = "FLOWTRAIL_PORT") -> None:
        """``setting`` chooses the port; an error names it."""
        self._host = host
        self._setting = setting
        self._wanted = port
        config = uvicorn.Config(
            app,
            log_config=None,  # its lines go where all lines go
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
            server_header=False,
            proxy_headers=False,  # or a header could say that a request comes from this machine
        )
        self._server = _Uvicorn(config)
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that is bound; 0 before the start."""
        return int(self._socket.getsockname()[1]) if self._socket else 0

    def bind(self) -> None:
        """Take the port; raises PortTaken. Comes before :meth:`start`, so that a taken port stops nothing half way."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # Said to be TCP, connections send without delay: the second part of an answer would wait 40 ms for the first.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._wanted))
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(self._wanted, self._setting, self._host) from None
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
        """Answer what is under way for up to five seconds, then close."""
        self._server.should_exit = True
        if self._task:
            await self._task
        if self._socket:
            self._socket.close()
