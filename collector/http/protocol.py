"""HTTP/1.1 for one connection, written for hostile senders: every byte and every second is counted.

llhttp (httptools) does the parsing. A refusal is sent before the body is read. The rest of the body is then read and
thrown away for some seconds: a client that is cut off while it sends never sees the answer, and tries again for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol, cast

import httptools

from collector.errors import Refusal, too_slow
from collector.http.decompress import too_large
from collector.http.message import Head, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from collector.settings import CollectorSettings
    from common.connections import Connections

_LOG = logging.getLogger(__name__)

_MAX_HEAD_BYTES: Final = 32 * 1024
_FEED_BYTES: Final = 16 * 1024
"""Bytes of a head that are parsed at a time. A head is therefore cut off at most so many bytes late."""

_LINGER_S: Final = 5.0
"""How long the rest of a refused body is read."""

_MAX_UNREAD_BYTES: Final = 64 * 1024
"""Bytes of answers that a sender has not read. Beyond it the connection is closed: the sender does not read at all."""


class App(Protocol):
    """What the protocol serves. ``admit`` is called for each request, ``refuse`` also for what is not HTTP."""

    def admit(self, head: Head) -> Response | Callable[[bytes], Awaitable[Response]]:
        """Look at the head before the body is read. Returns the answer, or the function that answers with the body."""

    def refuse(self, refusal: Refusal, head: Head | None) -> Response: ...

    def grow(self, size: int) -> None:
        """Count body bytes that are held in memory. Raises Refusal."""

    def shrink(self, size: int) -> None: ...


class _Incoming:
    """A request as far as it has arrived. ``response`` is set if it is answered without its body."""

    __slots__ = ("answer", "chunks", "complete", "head", "keep_alive", "response", "size")

    def __init__(self) -> None:
        self.head: Head | None = None
        self.answer: Callable[[bytes], Awaitable[Response]] | None = None
        self.chunks: list[bytes] = []
        self.size = 0
        self.complete = False
        self.keep_alive = False
        self.response: Response | None = None


class HttpProtocol(asyncio.Protocol):
    """One connection. ``connections``: the open ones of its port. ``clock`` returns monotonic seconds."""

    def __init__(
        self,
        app: App,
        settings: CollectorSettings,
        connections: Connections[HttpProtocol],
        clock: Callable[[], float],
    ) -> None:
        self._app = app
        self._settings = settings
        self._connections = connections
        self._clock = clock
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._queue: deque[_Incoming] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._draining = False
        self._given_up = False
        self._quiet_bytes = 0
        self._deadline = math.inf
        self._peer = ""
        self._start_message()

    # Called by asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own, so no isinstance
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if isinstance(peer, tuple) else ""
        self._expire_in(self._settings.header_timeout_s)
        # Refused with an answer, not closed: a client that sees a reset would try again at once.
        if not self._connections.enter(self):
            self._give_up(Refusal("overloaded", "Too many connections.", retry_after_s=self._settings.retry_after_s))

    def connection_lost(self, _error: Exception | None) -> None:
        self._connections.leave(self)
        self._transport = None
        self._closing = True
        for incoming in (*self._queue, self._message):
            self._drop_body(incoming)
        self._queue.clear()

    def eof_received(self) -> bool:
        """Keep the connection open if an answer is under way."""
        self._draining = True
        return self._task is not None

    def data_received(self, data: bytes) -> None:
        if self._closing or self._given_up:
            return
        at = 0
        while at < len(data) and not self._closing and not self._given_up:
            # A head is fed in small pieces, so that its size is looked at in between. A body is counted in on_body.
            size = _FEED_BYTES if self._message.head is None else len(data)
            self._feed(data[at : at + size])
            at += size
        self._pump()

    def _feed(self, data: bytes) -> None:
        """Parse ``data``, and limit what the parser buffers: it hands over a header only when it is complete."""
        # Bytes since a message began, its head was complete or a part of its body came: what the parser may be holding.
        self._quiet_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # The request itself is answered as HTTP/1.1, and nothing after it is read.
            self._draining = self._given_up = True
        except httptools.HttpParserError as error:
            self._give_up(Refusal("invalid_data", f"This is not HTTP/1.1: {error}."))
        else:
            if self._quiet_bytes > _MAX_HEAD_BYTES + _FEED_BYTES:
                self._give_up(_head_too_large())

    # Called by the parser.

    def on_message_begin(self) -> None:
        self._quiet_bytes = 0
        self._start_message()
        self._expire_in(self._settings.header_timeout_s)

    def on_url(self, url: bytes) -> None:
        if self._fits(len(url)):
            self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._message.head is not None:
            return  # a trailer: it comes after the request was admitted, so it must not change anything
        if self._fits(len(name) + len(value)):
            key = name.decode("latin-1").lower()
            text = value.decode("latin-1")
            self._headers[key] = f"{self._headers[key]},{text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._quiet_bytes = 0
        path, _, query = self._url.decode("latin-1").partition("?")
        message = self._message
        message.head = Head(self._parser.get_method().decode(), path, self._headers, self._peer, query)
        message.keep_alive = self._parser.should_keep_alive()
        self._admit(message, message.head)
        self._queue.append(message)
        self._expire_in(self._settings.request_timeout_s)
        if message.response is None and self._headers.get("expect", "").lower() == "100-continue" and self._transport:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, chunk: bytes) -> None:
        self._quiet_bytes = 0
        message = self._message
        if message.response is not None:
            return
        limit = self._settings.max_request_bytes
        try:
            self._app.grow(len(chunk))
        except Refusal as refusal:
            self._refuse(message, refusal)
            return
        message.size += len(chunk)
        message.chunks.append(chunk)
        if message.size > limit:
            self._refuse(message, too_large(limit))

    def on_message_complete(self) -> None:
        self._message.complete = True

    # Called by the server.

    def sweep(self, now: float) -> None:
        """Close the connection if its deadline has passed."""
        if now < self._deadline or self._transport is None:
            return
        if self._closing or self._task or not self._is_receiving():
            # Idle: close. Already closing, and the client still has not closed its side: abort.
            self._transport.close() if not self._closing else self._transport.abort()
        else:
            self._give_up(too_slow(self._settings.retry_after_s))
            self._pump()

    def drain(self) -> None:
        """Accept no further request, and close once the one under way is answered."""
        self._draining = True
        if self._task is None and self._transport is not None and not self._closing:
            self._transport.close()

    @property
    def answering(self) -> bool:
        """Whether a request is being answered."""
        return self._task is not None

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # The protocol's own.

    def _start_message(self) -> None:
        self._message = _Incoming()
        self._url = b""
        self._headers: dict[str, str] = {}
        self._head_bytes = 0

    def _is_receiving(self) -> bool:
        return bool(self._head_bytes) and not self._message.complete

    def _fits(self, size: int) -> bool:
        self._head_bytes += size
        return self._head_bytes <= _MAX_HEAD_BYTES

    def _admit(self, message: _Incoming, head: Head) -> None:
        if self._head_bytes > _MAX_HEAD_BYTES:
            message.response = self._app.refuse(_head_too_large(), head)
        elif (head.content_length or 0) > self._settings.max_request_bytes:
            message.response = self._app.refuse(too_large(self._settings.max_request_bytes), head)
        elif isinstance(admitted := self._app.admit(head), Response):
            message.response = admitted
        else:
            message.answer = admitted

    def _refuse(self, message: _Incoming, refusal: Refusal) -> None:
        message.response = self._app.refuse(refusal, message.head)
        self._drop_body(message)

    def _give_up(self, refusal: Refusal) -> None:
        """Refuse and end the connection, because nothing that follows could be understood."""
        self._given_up = True
        message = self._message
        if message in self._queue:  # its head was complete
            self._refuse(message, refusal)
        else:
            message.response = self._app.refuse(refusal, None)
            self._queue.append(message)
        message.keep_alive = False
        self._draining = True
        self._pump()

    def _pump(self) -> None:
        """Answer the requests that are complete, in order, one at a time."""
        if self._head_bytes > _MAX_HEAD_BYTES and self._message.head is None and not self._draining:
            self._give_up(_head_too_large())
        while self._queue and self._task is None and not self._closing:
            first = self._queue[0]
            if first.response is not None:
                self._queue.popleft()
                self._send(first, first.response)
            elif first.complete and first.answer is not None:
                self._queue.popleft()
                self._task = asyncio.ensure_future(self._work(first, first.answer))
            else:
                break
        if self._transport is not None and not self._closing:
            self._throttle(self._transport)

    def _throttle(self, transport: asyncio.Transport) -> None:
        """Stop reading while requests wait, so that pipelined requests cannot fill the memory."""
        if self._task is not None and self._queue:
            transport.pause_reading()
        elif not transport.is_reading():
            transport.resume_reading()

    async def _work(self, incoming: _Incoming, answer: Callable[[bytes], Awaitable[Response]]) -> None:
        self._deadline = math.inf  # the deadlines are for the sender; the answer takes as long as it takes
        body = b"".join(incoming.chunks)
        incoming.chunks.clear()  # otherwise the body would be in memory twice
        try:
            response = await answer(body)
        finally:
            self._task = None
            self._drop_body(incoming)
        self._send(incoming, response)
        self._pump()

    def _send(self, incoming: _Incoming, response: Response) -> None:
        transport = self._transport
        if transport is None or self._closing:
            return
        keep = incoming.keep_alive and incoming.complete and not self._draining
        with_body = incoming.head is None or incoming.head.method != "HEAD"
        transport.write(response.encode(keep_alive=keep, with_body=with_body))
        if transport.get_write_buffer_size() > _MAX_UNREAD_BYTES:
            transport.abort()  # a sender that never reads would let the answers pile up in memory
        elif not keep:
            self._end(transport)
        else:
            receiving = self._is_receiving()  # with pipelining, the next request may already have begun
            self._expire_in(self._settings.request_timeout_s if receiving else self._settings.idle_timeout_s)

    def _end(self, transport: asyncio.Transport) -> None:
        """Close the writing side and read on for a while."""
        self._closing = True
        # Closing at once, with unread bytes in the socket, would send a reset, and the client might lose the answer.
        self._expire_in(_LINGER_S)
        # The client may have reset the connection a moment ago; asyncio learns of it only when it reads.
        with contextlib.suppress(OSError):
            if transport.can_write_eof() and not transport.is_closing():
                transport.write_eof()
        transport.resume_reading()

    def _drop_body(self, incoming: _Incoming) -> None:
        self._app.shrink(incoming.size)
        incoming.size = 0
        incoming.chunks.clear()

    def _expire_in(self, seconds: float) -> None:
        self._deadline = self._clock() + seconds if seconds else math.inf


def _head_too_large() -> Refusal:
    return Refusal("headers_too_large", "The headers are too large.", f"Keep them below {_MAX_HEAD_BYTES} bytes.")
