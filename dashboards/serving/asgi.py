"""Mounts the dashboards, a WSGI app, beside the query API under one ASGI server and one port.

Why not an existing bridge? Dash's own FastAPI backend runs callbacks on the event loop; a page would block the API in
the same process that it waits for. Starlette's bridge is deprecated, and its threads are those of the API's endpoints:
enough pages at once would leave none to answer them. Here the pages have their own threads.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[str, str]]

MAX_BODY_BYTES = 1 << 20


class WsgiBridge:
    """An ASGI app that answers HTTP requests with a WSGI app, on at most ``threads`` threads.

    A body over ``MAX_BODY_BYTES`` is answered with 413: callbacks of the pages send a few hundred bytes.
    """

    def __init__(self, wsgi: Callable[..., Iterable[bytes]], threads: int = 16) -> None:
        self._wsgi = wsgi
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="dashboards")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _refuse_others(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            await _respond(send, 413, [("content-type", "text/plain")], b"The request is too large.")
            return
        answer = _Answer(self._wsgi, environ(scope, body))
        try:
            content = await self._in_thread(answer.begin)
            await _start(send, answer.status, answer.headers)
            await self._rest(answer, content, receive, send)
        finally:
            await self._in_thread(answer.close)

    def close(self) -> None:
        """Lets running requests finish and accepts no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _in_thread(self, call: Callable[[], Any]) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._pool, call)

    async def _rest(self, answer: "_Answer", content: bytes, receive: Receive, send: Send) -> None:
        """Sends the remaining pieces until the body ends or the client disconnects."""
        # After the request body, the next message can only be the disconnect.
        gone = None if answer.whole else asyncio.ensure_future(receive())
        while gone and content and not gone.done():
            await send({"type": "http.response.body", "body": content, "more_body": True})
            content = await self._in_thread(answer.next_piece)
        if gone:
            gone.cancel()
        await send({"type": "http.response.body", "body": content})


class _Answer:
    """One WSGI call. A body with a Content-Length is read at once; any other, such as a download, in pieces."""

    def __init__(self, wsgi: Callable[..., Iterable[bytes]], env: dict[str, Any]) -> None:
        self._wsgi = wsgi
        self._env = env
        self._chunks: Iterable[bytes] = ()
        self._pieces: Iterator[bytes] = iter(())
        self.status = 500
        self.headers: Headers = []
        self.whole = False

    def begin(self) -> bytes:
        """Calls the app, sets status and headers, and returns the whole body or its first piece."""

        def start_response(status: str, headers: Headers, _exc_info: Any = None) -> None:
            self.status, self.headers = int(status.split(" ", 1)[0]), headers

        self._chunks = self._wsgi(self._env, start_response)
        self._pieces = iter(self._chunks)
        first = self.next_piece()
        self.whole = any(name.lower() == "content-length" for name, _ in self.headers)
        return b"".join([first, *self._pieces]) if self.whole else first

    def next_piece(self) -> bytes:
        """The next piece; empty at the end. Empty pieces in between are skipped."""
        return next((piece for piece in self._pieces if piece), b"")

    def close(self) -> None:
        # PEP 3333: close() is optional, and must be called even if the client went away.
        getattr(self._chunks, "close", lambda: None)()


def environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of an ASGI HTTP scope. Repeated headers are joined with commas."""
    root = scope.get("root_path", "")
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    env: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": _latin(root),
        "PATH_INFO": _latin(scope["path"].removeprefix(root)),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        if name == "CONTENT_TYPE":
            env[name] = value
        elif name != "CONTENT_LENGTH":
            key = f"HTTP_{name}"
            env[key] = f"{env[key]},{value}" if key in env else value
    return env


def _latin(text: str) -> str:
    """PEP 3333: WSGI strings hold the UTF-8 bytes, decoded as Latin-1."""
    return text.encode().decode("latin-1")


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None if it is too large."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            return None
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(body)


async def _respond(send: Send, status: int, headers: Headers, content: bytes) -> None:
    await _start(send, status, headers)
    await send({"type": "http.response.body", "body": content})


async def _start(send: Send, status: int, headers: Headers) -> None:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _refuse_others(scope: Scope, receive: Receive, send: Send) -> None:
    """Closes websockets. Lifespan messages are left to the app that this one is mounted in."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
