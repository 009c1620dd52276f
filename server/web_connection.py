"""One connection to a web port: uvicorn's, with limits on what a client may send and how long it may take."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from common.units import MIB

if TYPE_CHECKING:
    import asyncio

    from common.connections import Connections

_MAX_HEAD_BYTES: Final = 32 * 1024
_FEED_BYTES: Final = 16 * 1024
"""Bytes that are parsed at a time; a head is cut off at most so many bytes late."""

_BODY_RENEWAL_BYTES: Final = MIB
"""Each time so much of a body has come, its client has the whole time for a body again."""

_LINGER_S: Final = 2.0
"""Seconds in which a refused client can read its answer before the connection is closed."""

_ANSWERS: Final = {
    408: (b"Request Timeout", b"The request took too long to arrive.\n"),
    431: (b"Request Header Fields Too Large", b"Keep the headers below 32 KiB.\n"),
    503: (b"Service Unavailable", b"Too many connections. Try again in a moment.\n"),
}


@dataclass(frozen=True, slots=True)
class WebLimits:
    """What clients of a web port may take. ``connections``: how many there may be; 0 for any number."""

    connections: int = 1024
    head_s: float = 10.0
    body_s: float = 60.0


class WebConnection(HttpToolsProtocol):
    """A connection that is counted, and that ends when its client takes too long or sends too large a head."""

    def __init__(
        self, *args: Any, open_connections: Connections[WebConnection], limits: WebLimits, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._open = open_connections
        self._limits = limits
        self._deadline = math.inf
        self._quiet_bytes = 0
        self._body_bytes = 0
        self._refused = False

    # Called by asyncio.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expire_in(self._limits.head_s)
        if not self._open.enter(self):
            self._refuse(503)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        for at in range(0, len(data), _FEED_BYTES):
            if self._refused or self.transport.is_closing():
                return
            piece = data[at : at + _FEED_BYTES]
            # What the parser or the request's headers may hold on to: bytes since the last part of a body came.
            self._quiet_bytes += len(piece)
            super().data_received(piece)
            if self._quiet_bytes > _MAX_HEAD_BYTES + _FEED_BYTES:
                self._refuse(431)

    # Called by the parser.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._quiet_bytes = self._body_bytes = 0
        self._expire_in(self._limits.head_s)

    def on_headers_complete(self) -> None:
        self._quiet_bytes = 0
        self._expire_in(self._limits.body_s)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._quiet_bytes = 0
        self._body_bytes += len(body)
        if self._body_bytes >= _BODY_RENEWAL_BYTES:
            self._body_bytes = 0
            self._expire_in(self._limits.body_s)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._deadline = math.inf  # the answer takes as long as it takes
        super().on_message_complete()

    # Called by the server.

    @property
    def answering(self) -> bool:
        """Whether a whole request came in and its answer is not complete."""
        if self.pipeline:
            return True
        cycle = self.cycle
        return cycle is not None and not cycle.response_complete and not cycle.more_body

    def abort(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    def sweep(self, now: float) -> None:
        """End the connection if its client took too long. Does nothing while it is this server that does not read."""
        if now < self._deadline:
            return
        if self._refused:
            self.transport.abort()
        elif self.flow.read_paused:
            self._expire_in(self._limits.body_s)
        else:
            self._refuse(408)

    # Its own.

    def _refuse(self, status: int) -> None:
        """Answer, unless an answer has begun, and close."""
        self._refused = True
        self._deadline = time.monotonic() + _LINGER_S
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and cycle.response_started:
            self.transport.abort()
            return
        phrase, text = _ANSWERS[status]
        head = b"HTTP/1.1 %d %s\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
        self.transport.write(head % (status, phrase, len(text)) + b"connection: close\r\n\r\n" + text)
        # Closed at once, with bytes unread in the socket, the connection would be reset and the answer lost.
        if self.transport.can_write_eof():
            self.transport.write_eof()
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()

    def _expire_in(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds if seconds else math.inf
