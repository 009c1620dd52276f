"""What the collector answers over HTTP: traces, health and metrics."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import orjson

from collector import metrics
from collector.errors import HTTP_STATUS, Refusal, failed
from collector.gunzip import gunzip
from collector.http_message import Head, Response
from collector.otlp_json import to_protobuf
from collector.replies import JSON, PROTOBUF, encode, export_response, status

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.health import Health
    from collector.receiver import Authenticate, Receiver
    from collector.settings import CollectorSettings
    from collector.telemetry import Telemetry

_LOG = logging.getLogger(__name__)

TRACES: Final = "/v1/traces"
_OTHER_SIGNALS: Final = ("/v1/metrics", "/v1/logs", "/v1development/profiles")
_PROTOCOL: Final = {PROTOBUF: "http/protobuf", JSON: "http/json"}
_ASIDE_BYTES: Final = 4096
"""Bodies above it are unpacked in a thread, so that one sender's gzip or JSON does not hold up the others."""


class HttpApp:
    """Answers one request at a time per connection. ``authenticate`` gives the tenant or raises Refusal."""

    def __init__(
        self, receiver: Receiver, health: Health, authenticate: Authenticate, settings: CollectorSettings
    ) -> None:
        self._receiver = receiver
        self._health = health
        self._telemetry: Telemetry = health.telemetry
        self._authenticate = authenticate
        self._settings = settings
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="flowtrail-unpack")
        self._pages: dict[str, Callable[[], Response]] = {
            "/healthz": self._healthz,
            "/readyz": self._readyz,
            "/metrics": self._metrics,
        }
        self.grow = receiver.grow
        self.shrink = receiver.shrink

    def admit(self, head: Head) -> Response | None:
        """Everything that can be told from the head: wrong place, method, type or encoding, no right, no room."""
        try:
            if head.path in self._pages:
                _expect_method(head, "GET", "HEAD")
            elif head.path == TRACES:
                self._admit_traces(head)
            else:
                raise _unknown_path(head.path)
        except Refusal as refusal:
            return self.refuse(refusal, head)
        return None

    async def answer(self, head: Head, body: bytes) -> Response:
        """Answer a request that was admitted."""
        page = self._pages.get(head.path)
        try:
            return page() if page is not None else await self._traces(head, body)
        except Refusal as refusal:
            return self.refuse(refusal, head)
        except Exception:  # noqa: BLE001 (the sender must get an answer)
            _LOG.exception("A request could not be handled; this is a defect.")
            return self.refuse(failed(), head)

    def refuse(self, refusal: Refusal, head: Head | None) -> Response:
        """The response for a refusal: a google.rpc.Status in the encoding of the request."""
        content_type = _answer_type(head)
        self._telemetry.requests.add(protocol=_PROTOCOL[content_type] if head else "http", outcome=refusal.code)
        headers = {}
        if refusal.retry_after_s is not None:
            headers["retry-after"] = str(refusal.retry_after_s)
        if refusal.code == "method_not_allowed" and head is not None:
            headers["allow"] = "POST" if head.path == TRACES else "GET, HEAD"
        return Response(HTTP_STATUS[refusal.code], content_type, encode(status(refusal), content_type), headers)

    def close(self) -> None:
        self._threads.shutdown(wait=False)

    def _admit_traces(self, head: Head) -> None:
        _expect_method(head, "POST")
        if head.content_type not in _PROTOCOL:
            raise Refusal(
                "unsupported_media_type",
                f"The content type {head.content_type!r} is not supported.",
                f"Send {PROTOBUF} or {JSON}.",
            )
        encoding = _encoding(head)
        if encoding not in {"", "identity", "gzip"}:
            raise Refusal(
                "unsupported_media_type", f"The encoding {encoding!r} is not supported.", "Send gzip or none."
            )
        self._authenticate(head.headers)
        self._receiver.admit()

    async def _traces(self, head: Head, body: bytes) -> Response:
        protocol = _PROTOCOL[head.content_type]
        self._telemetry.received_bytes.add(len(body), protocol=protocol)
        tenant = self._authenticate(head.headers)
        if _encoding(head) == "gzip":
            body = await self._aside(lambda packed: gunzip(packed, self._settings.max_request_bytes), body)
        with self._receiver.hold(len(body)):
            if head.content_type == JSON:
                body = await self._aside(to_protobuf, body)
            receipt = await self._receiver.receive(tenant, body, protocol)
        self._telemetry.requests.add(protocol=protocol, outcome="partial" if receipt.rejected_spans else "ok")
        return Response(200, head.content_type, encode(export_response(receipt), head.content_type))

    async def _aside(self, unpack: Callable[[bytes], bytes], body: bytes) -> bytes:
        if len(body) <= _ASIDE_BYTES:
            return unpack(body)
        return await asyncio.get_running_loop().run_in_executor(self._threads, unpack, body)

    def _healthz(self) -> Response:
        return _json(200, {"alive": True})

    def _readyz(self) -> Response:
        state = self._health.state()
        return _json(200 if state["ready"] else 503, state)

    def _metrics(self) -> Response:
        return Response(200, metrics.CONTENT_TYPE, self._telemetry.page().encode())


def _json(code: int, value: Any) -> Response:
    return Response(code, JSON, orjson.dumps(value))


def _encoding(head: Head) -> str:
    return head.headers.get("content-encoding", "").strip().lower()


def _answer_type(head: Head | None) -> str:
    """OTLP: answer in the type of the request. Where that is neither of the two, JSON, which people can read."""
    return PROTOBUF if head is not None and head.content_type == PROTOBUF else JSON


def _expect_method(head: Head, *allowed: str) -> None:
    if head.method not in allowed:
        raise Refusal("method_not_allowed", f"{head.method} is not possible here.", f"Use {' or '.join(allowed)}.")


def _unknown_path(path: str) -> Refusal:
    if path in _OTHER_SIGNALS:
        return Refusal("not_found", f"This collector takes traces only, not {path}.", f"Send traces to {TRACES}.")
    return Refusal("not_found", f"There is nothing at {path[:200]!r}.", f"OTLP traces go to {TRACES}.")
