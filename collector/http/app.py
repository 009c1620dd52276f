"""What happens to every HTTP request, whatever its address: admitted, decompressed, charged, answered or refused."""

from __future__ import annotations

import asyncio
import gzip
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from collector.errors import HTTP_STATUS, Refusal, internal_error
from collector.http.decompress import decompress, expect_encoding
from collector.http.message import Head, Request, Response
from collector.http.route import RouteTable
from collector.principal import Principal
from collector.replies import JSON, PROTOBUF, PROTOCOL, encode, status
from common.hosts import HostNames
from common.scopes import Scope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from collector.http.route import Route, Routes
    from collector.principal import Authenticate
    from collector.receiver import Receiver
    from collector.settings import CollectorSettings
    from collector.telemetry.telemetry import Telemetry

_LOG = logging.getLogger(__name__)

_THREAD_ABOVE_BYTES: Final = 4096
"""Larger bodies are decompressed in a thread, so that one sender does not hold up the others."""

_COMPRESS_ABOVE_BYTES: Final = 1400
"""A smaller answer fits into one packet without compression."""

_ANYBODY: Final = Principal("")


@dataclass(frozen=True, slots=True)
class AppParts:
    """What the app works with. ``tables``: the routes of each module in ``collector.routes``."""

    receiver: Receiver
    telemetry: Telemetry
    authenticate: Authenticate
    tables: Sequence[Routes]


class HttpApp:
    """Answers one request at a time per connection."""

    def __init__(self, parts: AppParts, settings: CollectorSettings) -> None:
        self._parts = parts
        self._settings = settings
        self._hosts = None if settings.known_hosts is None else HostNames(settings.known_hosts)
        self._routes = RouteTable(parts.tables)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="flowtrail-decompress")
        self.grow = parts.receiver.grow
        self.shrink = parts.receiver.shrink

    def admit(self, head: Head) -> Response | Callable[[bytes], Awaitable[Response]]:
        """Look at the head: path, method, key, encoding, content type, quota, room in the log.

        Returns the refusal, or the function that answers once the body is there.
        """
        try:
            self._expect_known_host(head)
            route = self._routes.find(head)
            principal = self._principal(route, head)
            expect_encoding(_encoding(head))
            route.admit(head, principal)
            if route.scope is Scope.INGEST:
                self._parts.receiver.admit(principal, head.content_length or 0)
        except Refusal as refusal:
            return self.refuse(refusal, head)
        except Exception:  # noqa: BLE001 (the sender must get an answer)
            _LOG.exception("A request could not be admitted; this is a defect.")
            return self.refuse(internal_error(), head)
        return partial(self._answer, route, head, principal)

    def refuse(self, refusal: Refusal, head: Head | None) -> Response:
        """The response for a refusal: a google.rpc.Status in the encoding of the request."""
        content_type = _answer_type(head)
        route = self._routes.at(head.path) if head else None
        protocol = PROTOCOL[content_type] if head else "http"
        self._parts.telemetry.requests.add(
            protocol=protocol, signal=route.signal if route else "", outcome=refusal.code
        )
        headers = {}
        if refusal.retry_after_s is not None:
            headers["retry-after"] = str(refusal.retry_after_s)
        if refusal.code == "unauthenticated":
            headers["www-authenticate"] = "Bearer"
        if refusal.code == "method_not_allowed" and route is not None:
            headers["allow"] = ", ".join(route.methods)
        return Response(HTTP_STATUS[refusal.code], content_type, encode(status(refusal), content_type), headers)

    def _expect_known_host(self, head: Head) -> None:
        # Browsers always send the header; a program that sends none is no page's doing.
        host = head.headers.get("host")
        if self._hosts is not None and host is not None and not self._hosts.includes(host):
            raise Refusal(
                "misdirected",
                f"The Host header {host[:80]!r} does not name this server.",
                "Use the address that the server printed at its start, or add the name to FLOWTRAIL_HOSTS.",
            )

    def close(self) -> None:
        self._threads.shutdown(wait=False)

    def _principal(self, route: Route, head: Head) -> Principal:
        return _ANYBODY if route.scope is None else self._parts.authenticate(head.headers, head.peer, route.scope)

    async def _answer(self, route: Route, head: Head, principal: Principal, body: bytes) -> Response:
        receiver = self._parts.receiver
        try:
            content = await self._decompressed(head, body)
            # The protocol counts the bytes of the body as it came; decompressed, it is in memory a second time.
            with receiver.hold(0 if content is body else len(content)):
                if route.scope is Scope.INGEST:
                    protocol = PROTOCOL[_answer_type(head)]
                    self._parts.telemetry.received_bytes.add(len(body), protocol=protocol, signal=route.signal)
                    receiver.charge(principal, len(content))
                return _compressed(head, await route.answer(Request(head, content, principal)))
        except Refusal as refusal:
            return self.refuse(refusal, head)
        except Exception:  # noqa: BLE001 (the sender must get an answer)
            _LOG.exception("A request could not be handled; this is a defect.")
            return self.refuse(internal_error(), head)

    async def _decompressed(self, head: Head, body: bytes) -> bytes:
        encoding, limit = _encoding(head), self._settings.max_request_bytes
        if len(body) <= _THREAD_ABOVE_BYTES or encoding in {"", "identity"}:
            return decompress(body, encoding, limit)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, decompress, body, encoding, limit)


def _encoding(head: Head) -> str:
    return head.headers.get("content-encoding", "").strip().lower()


def _answer_type(head: Head | None) -> str:
    """The content type of the answer: that of the request, as OTLP demands; JSON if it is neither of OTLP's two."""
    return PROTOBUF if head is not None and head.content_type == PROTOBUF else JSON


def _compressed(head: Head, response: Response) -> Response:
    """The response, with its body in gzip if it is large and the sender accepts gzip."""
    if len(response.body) <= _COMPRESS_ABOVE_BYTES or "gzip" not in head.headers.get("accept-encoding", ""):
        return response
    headers = {**response.headers, "content-encoding": "gzip", "vary": "accept-encoding"}
    return replace(response, body=gzip.compress(response.body, 1), headers=headers)
