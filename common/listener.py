"""A TCP port that accepts no more connections than it may have: neither files nor other ports suffer from a flood."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)

_AT_ONCE: Final = 16
"""Connections accepted before the event loop does anything else."""

_PAUSE_S: Final = 0.5
_COMPLAIN_EVERY_S: Final = 60.0
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket that is bound to the address and does not listen yet. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, its connections send without delay: the second part of an answer would wait 40 ms for the first.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


class Listener:
    """Accepts connections of a bound socket on the running event loop and gives each a protocol.

    asyncio's own servers accept as many as come, also while the protocols have no room, and write a traceback for each
    that fails when the process has run out of descriptors. This one asks ``is_full`` before each, and then closes it.
    """

    def __init__(
        self, bound: socket.socket, protocol: Callable[[], asyncio.Protocol], is_full: Callable[[], bool]
    ) -> None:
        self._socket = bound
        self._protocol = protocol
        self._is_full = is_full
        self._arriving: set[asyncio.Task[object]] = set()
        self._paused: asyncio.TimerHandle | None = None
        self._complained_at = -_COMPLAIN_EVERY_S

    def start(self, backlog: int = 1024) -> None:
        """Listen. The kernel keeps up to ``backlog`` connections that are not accepted yet."""
        self._socket.listen(backlog)
        self._resume()

    def stop(self) -> None:
        """Accept nothing more and close the port; connections stay as they are."""
        if self._paused:
            self._paused.cancel()
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _resume(self) -> None:
        asyncio.get_running_loop().add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                connection, _peer = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
                self._pause(error)
                return
            if self._is_full():
                connection.close()
                self._complain("has all the connections that it may have; further ones are closed")
            else:
                connection.setblocking(False)
                self._begin(connection)

    def _begin(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(loop.connect_accepted_socket(self._protocol, connection))
        self._arriving.add(task)
        task.add_done_callback(self._arrived)

    def _arrived(self, task: asyncio.Task[object]) -> None:
        self._arriving.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _LOG.debug("A connection ended before it began: %s", error)

    def _pause(self, error: OSError) -> None:
        """Accept nothing for a moment: the reason does not go away by trying again at once."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket)
        self._paused = loop.call_later(_PAUSE_S, self._resume)
        self._complain(f"cannot accept connections for now: {error}. Raise the limit of open files (ulimit -n)")

    def _complain(self, what: str) -> None:
        now = time.monotonic()
        if now - self._complained_at >= _COMPLAIN_EVERY_S:
            self._complained_at = now
            _LOG.warning("Port %s %s.", self._port(), what)

    def _port(self) -> int:
        return int(self._socket.getsockname()[1])
