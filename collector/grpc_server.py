"""OTLP/gRPC: the raw bytes of each request go the same way as over HTTP."""

from __future__ import annotations

import errno
import logging
import socket
from typing import TYPE_CHECKING, Any, Final, NoReturn

import grpc

from collector.errors import RPC_CODE, PortTaken, Refusal, failed
from collector.replies import export_response, status

if TYPE_CHECKING:
    from collector.receiver import Authenticate, Receiver
    from collector.settings import CollectorSettings
    from collector.telemetry import Telemetry

_LOG = logging.getLogger(__name__)

SERVICE: Final = "opentelemetry.proto.collector.trace.v1.TraceService"
_PROTOCOL: Final = "grpc"
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_STREAMS_PER_CONNECTION: Final = 64
"""Requests under way on one connection; what gRPC holds before the handler sees a request is bounded only by this."""


class GrpcServer:
    """OTLP/gRPC on one port of the running event loop."""

    def __init__(
        self, receiver: Receiver, telemetry: Telemetry, authenticate: Authenticate, settings: CollectorSettings
    ) -> None:
        self._receiver = receiver
        self._telemetry = telemetry
        self._authenticate = authenticate
        self._settings = settings
        self._server: Any = None
        self.port = 0
        """The port bound, once started."""

    async def start(self) -> None:
        """Bind and listen; raises PortTaken."""
        settings = self._settings
        self._expect_free_port()
        server = grpc.aio.server(options=_options(settings))
        # No deserializer: the handler gets the bytes as they came.
        export = grpc.unary_unary_rpc_method_handler(self._export)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"Export": export}),))
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

    async def _export(self, request: bytes, context: Any) -> bytes:
        self._telemetry.received_bytes.add(len(request), protocol=_PROTOCOL)
        try:
            tenant = self._authenticate(_headers(context))
            with self._receiver.hold(len(request)):
                receipt = await self._receiver.receive(tenant, request, _PROTOCOL)
        except Refusal as refusal:
            await self._abort(context, refusal)
        except Exception:  # noqa: BLE001 (the sender must get an answer)
            _LOG.exception("A request could not be handled; this is a defect.")
            await self._abort(context, failed())
        self._telemetry.requests.add(protocol=_PROTOCOL, outcome="partial" if receipt.rejected_spans else "ok")
        response: bytes = export_response(receipt).SerializeToString()
        return response

    async def _abort(self, context: Any, refusal: Refusal) -> NoReturn:
        self._telemetry.requests.add(protocol=_PROTOCOL, outcome=refusal.code)
        details = (("grpc-status-details-bin", status(refusal).SerializeToString()),)
        await context.abort(_CODES[RPC_CODE[refusal.code]], str(refusal), details)
        raise AssertionError  # abort always raises


def _options(settings: CollectorSettings) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),  # or a second collector would share the port in silence
        # -1 means no limit to gRPC, and 0 would be taken for the default.
        ("grpc.max_receive_message_length", max(1, settings.max_request_bytes)),
        ("grpc.max_concurrent_streams", _STREAMS_PER_CONNECTION),
        ("grpc.max_connection_idle_ms", int(settings.idle_timeout_s * 1000) or 2**31 - 1),
    ]


def _headers(context: Any) -> dict[str, str]:
    return {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
