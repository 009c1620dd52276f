"""ClickHouse's HTTP interface as an ASGI application."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from common.fair_turns import FairTurns
from store_server.call import Call, is_form, query_id_of, read_call
from store_server.compression import Blocks, Compressor, Plain, accepted, compressor
from store_server.errors import UNKNOWN_EXCEPTION, ServerError, denied, refusal
from store_server.visitor import presented

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from store_server.answer import Answer
    from store_server.engine import Engine
    from store_server.limits import Limits
    from store_server.visitor import Authenticate, Visitor

_LOG = logging.getLogger(__name__)

NAME: Final = "flowtrail"
"""How this server calls itself."""

_TURN_S: Final = 10.0
"""Seconds that a reader's query waits for its turn: a dashboard asks for all of its panels at once."""

_PLAIN: Final = Plain()
_KILLS: Final = 2
"""How many readers stop a query at a time."""

_CONTENT_TYPES: Final = (
    ("json", "application/json; charset=UTF-8"),
    ("ndjson", "application/x-ndjson; charset=UTF-8"),
    ("tabseparated", "text/tab-separated-values; charset=UTF-8"),
    ("tsv", "text/tab-separated-values; charset=UTF-8"),
    ("csv", "text/csv; charset=UTF-8; header=absent"),
    ("pretty", "text/plain; charset=UTF-8"),
    ("vertical", "text/plain; charset=UTF-8"),
    ("xml", "application/xml; charset=UTF-8"),
    ("markdown", "text/markdown; charset=UTF-8"),
)


class _App:
    """The handlers and what they share."""

    def __init__(self, engine: Engine, authenticate: Authenticate, limits: Limits) -> None:
        self._engine = engine
        self._authenticate = authenticate
        self._limits = limits
        self._turns = FairTurns(limits.queries)
        self._turns_to_kill = FairTurns(_KILLS)
        self._headers = {"X-ClickHouse-Server-Display-Name": NAME, "X-ClickHouse-Timezone": engine.timezone}

    async def ping(self, _request: Request) -> Response:
        return PlainTextResponse("Ok.\n", headers=self._headers)

    async def options(self, _request: Request) -> Response:
        """Other sites' pages may not ask: no header says that they may."""
        return Response(status_code=204, headers={**self._headers, "Allow": "GET, HEAD, POST, OPTIONS"})

    async def query(self, request: Request) -> Response:
        headers = dict(self._headers)
        try:
            query_id = query_id_of(request)
            headers["X-ClickHouse-Query-Id"] = query_id
            return await self._answered(request, query_id, headers)
        except ServerError as error:
            return _failed(error, headers)
        except Exception:  # noqa: BLE001 - a client waits for an answer in any case
            _LOG.exception("A query failed for a reason of our own; this is a defect.")
            return _failed(refusal(UNKNOWN_EXCEPTION, "UNKNOWN_EXCEPTION", "A defect; see the server's log."), headers)

    async def _answered(self, request: Request, query_id: str, headers: dict[str, str]) -> Response:
        _expect_no_page(request)
        visitor = self._authenticate(presented(request), request.client.host if request.client else "")
        limit = self._longest_body(request, visitor)
        received = _Received(request, await _body(request, limit), query_id, limit, visitor)
        if not received.body.strip() and not request.query_params.get("query"):
            return PlainTextResponse("Ok.\n", headers=headers)
        if visitor.writes:
            return await self._run(received, headers)
        return await self._in_turn(received, headers)

    def _longest_body(self, request: Request, visitor: Visitor) -> int:
        """Nothing of a body is looked at before it is all there, so a reader's is small."""
        if visitor.writes:
            return self._limits.body_bytes
        return self._limits.form_bytes if is_form(request) else self._limits.statement_bytes

    async def _in_turn(self, received: _Received, headers: dict[str, str]) -> Response:
        """Everything that takes time, from the decompression on, is done in a turn; KILL has turns of its own."""
        turns = self._turns_to_kill if received.kills else self._turns
        tenant = received.visitor.tenant
        try:
            await turns.acquire(tenant, _TURN_S)
        except TimeoutError:
            message = f"Too many simultaneous queries. Maximum: {self._limits.queries}. Ask again in a moment."
            raise refusal(202, "TOO_MANY_SIMULTANEOUS_QUERIES", message) from None
        released = False

        def release() -> None:
            nonlocal released
            if not released:
                released = True
                turns.release(tenant)

        try:
            response = await self._run(received, headers, release)
        except BaseException:
            release()
            raise
        if not isinstance(response, StreamingResponse):
            release()
        return response

    async def _run(self, received: _Received, headers: dict[str, str], over: Any = None) -> Response:
        """Run the call, and stop it when its client is gone. ``over`` is called when a streamed answer has ended."""
        tag = uuid.uuid4().hex
        running = asyncio.ensure_future(run_in_threadpool(self._respond, received, tag, headers, over))
        gone = asyncio.ensure_future(_disconnected(received.request))
        try:
            await asyncio.wait({running, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await run_in_threadpool(self._engine.stop, tag)
            return await running
        finally:
            gone.cancel()

    def _respond(self, received: _Received, tag: str, headers: dict[str, str], over: Any) -> Response:
        """Decode, run, encode: in a thread, for each of them may take long."""
        call = read_call(received.request, received.body, received.query_id, received.limit, tag)
        try:
            answer = self._engine.run(call, received.visitor)
        except ServerError as error:
            return _failed(error, headers, Blocks(call.blocks) if call.blocks else _PLAIN)
        return _response(received.request, call, answer, headers, over)


@dataclass(frozen=True, slots=True)
class _Received:
    """A request with its body, not decoded yet. ``limit``: bytes that the body may have, decompressed."""

    request: Request
    body: bytes
    query_id: str
    limit: int
    visitor: Visitor

    @property
    def kills(self) -> bool:
        """Whether it seems to stop a query, which must not wait until queries have stopped."""
        query = self.request.query_params.get("query", "").encode() or self.body
        return query.lstrip()[:4].upper() == b"KILL"


async def _body(request: Request, limit: int) -> bytes:
    pieces, size = [], 0
    async for piece in request.stream():
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise refusal(131, "TOO_LARGE_STRING_SIZE", f"The body is larger than {limit:,} bytes.")
    return b"".join(pieces)


def application(engine: Engine, authenticate: Authenticate, limits: Limits) -> Starlette:
    """The interface over ``engine``, for whoever ``authenticate`` lets in."""
    app = _App(engine, authenticate, limits)
    return Starlette(
        routes=[
            Route("/ping", app.ping),
            Route("/replicas_status", app.ping),
            Route("/", app.query, methods=["GET", "POST"]),
            Route("/", app.options, methods=["OPTIONS"]),
        ]
    )


def _expect_no_page(request: Request) -> None:
    """A page of another site can have a browser send a query here, though not read the answer."""
    if "origin" in request.headers or request.headers.get("sec-fetch-site", "none") != "none":
        raise denied("Web pages may not ask. Use a program, or the dashboards.")


async def _disconnected(request: Request) -> None:
    """Wait until the client is gone. Its body has been read, so nothing else can come."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _failed(error: ServerError, headers: dict[str, str], packer: Compressor = _PLAIN) -> Response:
    """An error, compressed as its client expects it where it came so far that the server knew how."""
    headers = {**headers, "X-ClickHouse-Exception-Code": str(error.code)}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
    return PlainTextResponse(packer.compress(f"{error.text}\n".encode()), error.status, headers)


def _response(request: Request, call: Call, answer: Answer, headers: dict[str, str], over: Any) -> Response:
    content = answer.head
    headers["X-ClickHouse-Summary"] = json.dumps(answer.summary.as_texts())
    if request.query_params.get("send_progress_in_http_headers") == "1":
        headers["X-ClickHouse-Progress"] = headers["X-ClickHouse-Summary"]
    if answer.format:
        headers["X-ClickHouse-Format"] = answer.format
    headers["Content-Type"] = _content_type(answer.format or call.default_format)
    packer = _packer(request, call, headers, empty=not content)
    if answer.rest is None:
        return Response(packer.compress(content) + packer.flush(), headers=headers)
    tag = secrets.token_hex(8)
    headers["X-ClickHouse-Exception-Tag"] = tag
    return _Stream(_sent(answer, packer, tag), answer, over, headers)


class _Stream(StreamingResponse):
    """An answer that may be left before its end, and must be closed either way."""

    def __init__(self, pieces: Iterator[bytes], answer: Answer, over: Any, headers: dict[str, str]) -> None:
        super().__init__(pieces, headers=headers)
        self._answer = answer
        self._over = over

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await asyncio.shield(run_in_threadpool(self._answer.close))
            if self._over:
                self._over()


def _sent(answer: Answer, packer: Compressor, tag: str) -> Iterator[bytes]:
    """The pieces of an answer. What fails on the way is told at the end, as ClickHouse does."""
    yield packer.compress(answer.head)
    try:
        for piece in answer.rest or ():
            yield packer.compress(piece)
    except ServerError as error:
        text = f"{error.text}\n".encode()
        mark = tag.encode()
        yield packer.compress(
            b"\r\n__exception__\r\n"
            + mark
            + b"\r\n"
            + text
            + str(len(text)).encode()
            + b" "
            + mark
            + b"\r\n__exception__\r\n"
        )
    yield packer.flush()


def _packer(request: Request, call: Call, headers: dict[str, str], *, empty: bool) -> Compressor:
    if empty:
        return compressor(None)
    if call.blocks:
        return Blocks(call.blocks)
    encoding = None
    if request.query_params.get("enable_http_compression") == "1":
        encoding = accepted(request.headers.get("accept-encoding", ""))
    if encoding:
        headers["Content-Encoding"] = encoding
    return compressor(encoding)


def _content_type(name: str) -> str:
    lowered = name.lower()
    if lowered.endswith("eachrow") and lowered.startswith("json"):
        lowered = "ndjson"
    return next(
        (content_type for start, content_type in _CONTENT_TYPES if lowered.startswith(start)),
        "application/octet-stream",
    )
