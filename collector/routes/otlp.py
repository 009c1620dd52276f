"""OTLP over HTTP: ``POST /v1/traces``, ``/v1/logs`` and ``/v1/metrics``, in protobuf or JSON."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from collector.check.otlp_json import Converted, to_protobuf
from collector.check.text_repair import repairs
from collector.errors import Refusal
from collector.http.browser import expect_no_page
from collector.http.message import Response
from collector.http.route import Route, Routes
from collector.replies import JSON, PROTOBUF, PROTOCOL, encode, export_response
from collector.signals import SHAPES
from common.scopes import Scope

if TYPE_CHECKING:
    from collector.http.message import Head, Request
    from collector.principal import Principal
    from collector.receiver import Receiver
    from collector.signals import Shape
    from collector.telemetry.telemetry import Telemetry

_THREAD_ABOVE_BYTES: Final = 4096
"""Larger JSON bodies are converted in a thread, so that one sender does not hold up the others."""


class OtlpRoutes:
    """The routes for the three signals of OTLP."""

    def __init__(self, receiver: Receiver, telemetry: Telemetry) -> None:
        self._receiver = receiver
        self._telemetry = telemetry
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="flowtrail-json")

    def table(self) -> Routes:
        return {shape.path: self._route(shape) for shape in SHAPES.values()}

    def close(self) -> None:
        self._thread.shutdown(wait=False)

    def _route(self, shape: Shape) -> Route:
        return Route(("POST",), Scope.INGEST, partial(self._export, shape), self._admit, shape.signal)

    def _admit(self, head: Head, principal: Principal) -> None:
        expect_no_page(head, principal)
        if head.content_type not in PROTOCOL:
            raise Refusal(
                "unsupported_media_type",
                f"The content type {head.content_type[:80]!r} is not supported.",
                f"Send {PROTOBUF} or {JSON}.",
            )

    async def _export(self, shape: Shape, request: Request) -> Response:
        content_type = request.head.content_type
        protocol = PROTOCOL[content_type]
        body, repaired = request.body, 0
        if content_type == JSON:
            converted = await self._converted(shape, body)
            body, repaired = converted.body, converted.repaired
            self._telemetry.unread_fields.add(converted.unread, signal=shape.signal)
        receipt = await self._receiver.receive(request.principal, shape.signal, body, protocol)
        if repaired:
            self._receiver.count_repaired(request.principal.tenant, shape.signal, repaired)
            receipt = replace(receipt, message="; ".join(filter(None, (receipt.message, repairs(repaired)))))
        outcome = "partial" if receipt.rejected else "ok"
        self._telemetry.requests.add(protocol=protocol, signal=shape.signal, outcome=outcome)
        return Response(200, content_type, encode(export_response(shape, receipt), content_type))

    async def _converted(self, shape: Shape, body: bytes) -> Converted:
        if len(body) <= _THREAD_ABOVE_BYTES:
            return to_protobuf(body, shape)
        return await asyncio.get_running_loop().run_in_executor(self._thread, to_protobuf, body, shape)
