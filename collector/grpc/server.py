"""OTLP/gRPC: the raw bytes of each request go the same way as over HTTP.

A request is let in, or not, before its body is read: the handlers take streams, of which they read the one message that
an OTLP request is. On the wire that is the same.
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

from collector.errors import RPC_CODE, PortTaken, Refusal, internal_error
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
        """The port bound, once started."""

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
        """Take no new request and answer those under way for up to ``timeout_s``."""
        if self._server is not None:
            await self._server.stop(timeout_s)

    def _expect_free_port(self) -> None:
        """Ask the system first: gRPC writes a taken port to stderr and says little in its error."""
        settings = self._settings
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        try:
            socket.create_server((settings.host, settings.grpc_port), family=family).close()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(settings.grpc_port, "grpc_port", settings.host) from None
            raise

    def _service(self, shape: Shape) -> Any:
        # No deserializer: the handler gets the bytes as they came.
        export = grpc.stream_unary_rpc_method_handler(partial(self._export, shape))
        return grpc.method_handlers_generic_handler(shape.service, {"Export": export})

    async def _export(self, shape: Shape, _requests: Any, context: Any) -> bytes:
        try:
            principal = self._authenticate(_headers(context), _peer(context), Scope.INGEST)
            self._receiver.admit(principal)
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
        """The one message of the request; raises Refusal if there is none or it takes too long."""
        try:
            message = await asyncio.wait_for(context.read(), self._settings.request_timeout_s or None)
        except TimeoutError:
            message = "The request took too long to arrive."
            after = self._settings.retry_after_s
            raise Refusal("timeout", message, "Send it again, in smaller batches.", retry_after_s=after) from None
        if not isinstance(message, bytes):  # the end: none was sent, or more than gRPC itself lets through
            raise Refusal("invalid_data", "The request holds no message.", "An OTLP export is one message.")
        return message

    async def _abort(self, shape: Shape, context: Any, refusal: Refusal) -> NoReturn:
        self._telemetry.requests.add(protocol=_PROTOCOL, signal=shape.signal, outcome=refusal.code)
        answer = status(refusal)
        trailers = [("grpc-status-details-bin", answer.SerializeToString())]
        # gRPC's own place for a RetryInfo, and the only one that OpenTelemetry's Python exporter looks at.
        trailers += [("google.rpc.retryinfo-bin", one.value) for one in answer.details if one.Is(RetryInfo.DESCRIPTOR)]
        await context.abort(_CODES[RPC_CODE[refusal.code]], str(refusal), tuple(trailers))
        raise AssertionError  # abort always raises


def _options(settings: CollectorSettings) -> list[tuple[str, int]]:
    # gRPC's own "no limit" of this option is not to give it.
    limit = [("grpc.max_allowed_incoming_connections", settings.max_connections)] if settings.max_connections else []
    return [
        *limit,
        ("grpc.so_reuseport", 0),  # or a second collector would share the port in silence
        # -1 means no limit to gRPC, and 0 would be taken for the default.
        ("grpc.max_receive_message_length", max(1, settings.max_request_bytes)),
        ("grpc.max_concurrent_streams", _STREAMS_PER_CONNECTION),
        ("grpc.max_connection_idle_ms", int(settings.idle_timeout_s * 1000) or 2**31 - 1),
    ]


def _headers(context: Any) -> dict[str, str]:
    """Metadata as headers; repeated ones are joined by commas, as over HTTP, so that none hides another."""
    headers: dict[str, str] = {}
    for key, value in context.invocation_metadata() or ():
        if isinstance(value, str):
            headers[key] = f"{headers[key]},{value}" if key in headers else value
    return headers


def _peer(context: Any) -> str:
    """The IP address in gRPC's ``ipv4:127.0.0.1:4242`` or ``ipv6:[::1]:4242``, '' for a Unix socket."""
    kind, _, address = unquote(context.peer()).partition(":")
    return address.rpartition(":")[0].strip("[]") if kind in {"ipv4", "ipv6"} else "" if kind == "unix" else address


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
