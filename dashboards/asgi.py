"""Mounts the dashboards, a WSGI app, beside the query API under one ASGI server and one port.

Dash's own FastAPI backend runs callbacks on the event loop, where a page that waits for the API in the same process
would wait for ever. Starlette's bridge is deprecated and shares its threads with the API's endpoints, so enough pages
at once would starve the API they wait for. Here pages have threads of their own.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
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

    Bodies over ``MAX_BODY_BYTES`` are answered with 413: callbacks of the pages send a few hundred bytes.
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
        status, headers, content = await asyncio.get_running_loop().run_in_executor(
            self._pool, self._answer, environ(scope, body)
        )
        await _respond(send, status, headers, content)

    def close(self) -> None:
        """Lets running requests end and starts no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, env: dict[str, Any]) -> tuple[int, Headers, bytes]:
        started: dict[str, Any] = {}

        def start_response(status: str, headers: Headers, _exc_info: Any = None) -> None:
            started.update(status=int(status.split(" ", 1)[0]), headers=headers)

        chunks = self._wsgi(env, start_response)
        try:
            content = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        return started["status"], started["headers"], content


def environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of an ASGI HTTP scope. Headers given twice are joined with a comma."""
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
    """WSGI carries UTF-8 bytes in texts of Latin-1."""
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
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content})


async def _refuse_others(scope: Scope, receive: Receive, send: Send) -> None:
    """Websockets are closed; the life of the process is the host's business."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
