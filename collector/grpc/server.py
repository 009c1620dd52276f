"""OTLP/gRPC. The raw bytes of each request go the same way as over HTTP.

The handlers are stream handlers, although an OTLP request is a single message: only so can they refuse a request before
its body is read. On the wire there is no difference.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import unquote

import grpc
from google.rpc.error_details_pb2 import RetryInfo

from collector.errors import RPC_CODE, PortTaken, Refusal, internal_error, too_slow
from collector.grpc.concurrency import ConcurrencyLimit
from collector.replies import export_response, status
from collector.signals import SHAPES
from common.scopes import Scope

if TYPE_CHECKING:
    from collector.principal import Authenticate
    from collector.receiver import Receiver
    from collector.settings import CollectorSettings
    from collector.signals import Shape
    from collector.telemetry.telemetry import Telemetry

_LOG = logging.getLogger(__name__)

_PROTOCOL: Final = "grpc"
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_STREAMS_PER_CONNECTION: Final = 64
"""Requests under way on one connection."""


class GrpcServer:
    """OTLP/gRPC on one port of the running event loop."""

    def __init__(
        self, receiver: Receiver, telemetry: Telemetry, authenticate: Authenticate, settings: CollectorSettings
    ) -> None:
        self._receiver = receiver
        self._telemetry = telemetry
        self._authenticate = authenticate
        self._settings = settings
        self._concurrency = ConcurrencyLimit(settings.max_grpc_requests, receiver.overloaded)
        self._server: Any = None
        self.port = 0
        """The port, once started."""

    async def start(self) -> None:
        """Bind and listen; raises PortTaken."""
        settings = self._settings
        self._expect_free_port()
        server = grpc.aio.server(options=_options(settings))
        server.add_generic_rpc_handlers(tuple(map(self._service, SHAPES.values())))
        try:
            self.port = server.add_insecure_port(f"{_bracketed(settings.host)}:{settings.grpc_port}")
        except RuntimeError as error:
            _LOG.debug("gRPC says: %s", error)
            raise PortTaken(settings.grpc_port, "grpc_port", settings.host) from None
        self._server = server
        await server.start()

    async def stop(self, timeout_s: float) -> None:
        """Refuse new requests and answer those under way for up to ``timeout_s``."""
        if self._server is not None:
            await self._server.stop(timeout_s)

    def _expect_free_port(self) -> None:
        """Raise PortTaken. gRPC itself writes a taken port to stderr, and its error does not name it."""
        settings = self._settings
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        try:
            socket.create_server((settings.host, settings.grpc_port), family=family).close()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(settings.grpc_port, "grpc_port", settings.host) from None
            raise

    def _service(self, shape: Shape) -> Any:
        # Without a deserializer the handler gets the raw bytes.
        export = grpc.stream_unary_rpc_method_handler(partial(self._export, shape))
        return grpc.method_handlers_generic_handler(shape.service, {"Export": export})

    async def _export(self, shape: Shape, _requests: Any, context: Any) -> bytes:
        try:
            principal = self._authenticate(_headers(context), _peer(context), Scope.INGEST)
            self._receiver.admit(principal)
            # The slot comes before the read, because a message is in memory as soon as it is read.
            async with self._concurrency.slot():
                request = await self._read(context)
                self._telemetry.received_bytes.add(len(request), protocol=_PROTOCOL, signal=shape.signal)
                with self._receiver.hold(len(request)):
                    self._receiver.charge(principal, len(request))
                    receipt = await self._receiver.receive(principal, shape.signal, request, _PROTOCOL)
        except Refusal as refusal:
            await self._abort(shape, context, refusal)
        except Exception:  # noqa: BLE001 (the sender must get an answer)
            _LOG.exception("A request could not be handled; this is a defect.")
            await self._abort(shape, context, internal_error())
        outcome = "partial" if receipt.rejected else "ok"
        self._telemetry.requests.add(protocol=_PROTOCOL, signal=shape.signal, outcome=outcome)
        response: bytes = export_response(shape, receipt).SerializeToString()
        return response

    async def _read(self, context: Any) -> bytes:
        """The only message of the request. Raises Refusal if there is none or it takes too long."""
        try:
            message = await asyncio.wait_for(context.read(), self._settings.request_timeout_s or None)
        except TimeoutError:
            raise too_slow(self._settings.retry_after_s) from None
        if not isinstance(message, bytes):  # end of stream: no message was sent, or it was over gRPC's own limit
            raise Refusal("invalid_data", "The request holds no message.", "An OTLP export is one message.")
        return message

    async def _abort(self, shape: Shape, context: Any, refusal: Refusal) -> NoReturn:
        self._telemetry.requests.add(protocol=_PROTOCOL, signal=shape.signal, outcome=refusal.code)
        answer = status(refusal)
        trailers = [("grpc-status-details-bin", answer.SerializeToString())]
        # gRPC's own trailer for a RetryInfo, and the only one that OpenTelemetry's Python exporter reads.
        retries = [detail.value for detail in answer.details if detail.Is(RetryInfo.DESCRIPTOR)]
        trailers += [("google.rpc.retryinfo-bin", retry) for retry in retries]
        await context.abort(_CODES[RPC_CODE[refusal.code]], str(refusal), tuple(trailers))
        raise AssertionError  # abort always raises


def _options(settings: CollectorSettings) -> list[tuple[str, int]]:
    # gRPC has no value for "no limit" here: the option must be left out.
    limit = [("grpc.max_allowed_incoming_connections", settings.max_connections)] if settings.max_connections else []
    return [
        *limit,
        ("grpc.server_handshake_timeout_ms", int(settings.header_timeout_s * 1000) or 2**31 - 1),
        ("grpc.so_reuseport", 0),  # otherwise a second collector would silently share the port
        # To gRPC, -1 means no limit and 0 its default.
        ("grpc.max_receive_message_length", max(1, settings.max_request_bytes)),
        ("grpc.max_concurrent_streams", _STREAMS_PER_CONNECTION),
        ("grpc.max_connection_idle_ms", int(settings.idle_timeout_s * 1000) or 2**31 - 1),
    ]


def _headers(context: Any) -> dict[str, str]:
    """Metadata as headers. Repeated ones are joined by commas, as over HTTP, so that none is ignored."""
    headers: dict[str, str] = {}
    for key, value in context.invocation_metadata() or ():
        if isinstance(value, str):
            headers[key] = f"{headers[key]},{value}" if key in headers else value
    return headers


def _peer(context: Any) -> str:
    """The IP address of ``ipv4:127.0.0.1:4242`` or ``ipv6:[::1]:4242``, which is how gRPC names peers.

    '' for a Unix socket.
    """
    kind, _, address = unquote(context.peer()).partition(":")
    return address.rpartition(":")[0].strip("[]") if kind in {"ipv4", "ipv6"} else "" if kind == "unix" else address


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
