"""The sender over OTLP/HTTP: OpenTelemetry's exporter, with the three things it leaves out.

It does not read a partial success, it drops a batch that is too large whole, and its retries know of no flush.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.util.re import parse_env_headers
from requests.adapters import HTTPAdapter

from ._log import BoundedLog
from ._session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import requests
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.util.types import Attributes

    from ._settings import Settings

_COMPRESSION: Final = {
    "none": Compression.NoCompression,
    "gzip": Compression.Gzip,
    "deflate": Compression.Deflate,
}
_REJECTED: Final = "The receiver rejected %d spans of batches that it otherwise took"


class OtlpSender:
    """Sends OTLP over HTTP to a collector."""

    def __init__(self, settings: Settings) -> None:
        self._rejected = 0
        self._log = BoundedLog()
        self._limit = settings.max_request_bytes
        headers = dict(settings.headers)
        if settings.key:
            headers["authorization"] = f"Bearer {settings.key}"
        self._session = Session(
            set() if settings.endpoint_is_the_hosts else _host_header_names() - {h.lower() for h in headers}
        )
        self._session.hooks["response"].append(self._read_response)
        self._exporter = OTLPSpanExporter(
            endpoint=settings.endpoint,
            headers=headers,
            timeout=settings.timeout_s,
            compression=_COMPRESSION[settings.compression],
            session=self._session,
            max_request_size=self._limit,
        )

    def deliver(self, spans: Sequence[ReadableSpan]) -> int:
        """Send the batch, in halves while it is too large for one request; how many spans were accepted."""
        if self._limit and len(spans) > 1 and upper_bound(spans) > self._limit:
            middle = len(spans) // 2
            return self.deliver(spans[:middle]) + self.deliver(spans[middle:])
        self._rejected = 0
        if self._exporter.export(spans) is SpanExportResult.FAILURE:
            return 0
        if self._rejected:
            self._log.count("rejected", self._rejected, _REJECTED)
        return len(spans) - min(self._rejected, len(spans))

    def hurry(self, until: float, *, last: bool) -> None:
        """Try again at once what waits for a retry, and again with short pauses."""
        self._session.retries.hurry(until, last=last)

    def close(self) -> None:
        """Let go of the connection."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def after_fork(self) -> None:
        """Two processes on one kept-alive connection would read each other's answers."""
        for prefix in ("http://", "https://"):
            self._session.mount(prefix, HTTPAdapter())
        self._session.after_fork()

    def _read_response(self, response: requests.Response, **_: object) -> None:
        if response.status_code != 200 or not response.content:
            return
        try:
            answer = ExportTraceServiceResponse.FromString(response.content)
        except DecodeError:  # not an OTLP receiver's answer, and yet a success
            return
        self._rejected = answer.partial_success.rejected_spans


def _host_header_names() -> set[str]:
    raw = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_HEADERS") or os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", "")
    return {name.lower() for name in parse_env_headers(raw, liberal=True)}


def upper_bound(spans: Sequence[ReadableSpan]) -> int:
    """Bytes that the spans take in an OTLP request at most; cheap, because encoding twice is not.

    Resources and scopes are few per request; they are counted once per distinct one.
    """
    resources = {id(span.resource): span.resource.attributes for span in spans}
    scopes = {id(span.instrumentation_scope): span.instrumentation_scope for span in spans}
    shared = sum(256 + _attributes(a) for a in resources.values()) * max(1, len(scopes))
    named = sum(
        256 + 4 * (len(s.name) + len(s.version or "")) + _attributes(s.attributes) for s in scopes.values() if s
    )
    return 64 + shared + named * max(1, len(resources)) + sum(_span(span) for span in spans)


def _span(span: ReadableSpan) -> int:
    size = 192 + 4 * len(span.name) + 4 * len(span.status.description or "") + _attributes(span.attributes)
    if span.context is not None and span.context.trace_state:
        size += 4 * len(span.context.trace_state.to_header())
    for event in span.events:
        size += 64 + 4 * len(event.name) + _attributes(event.attributes)
    for link in span.links:
        size += 128 + _attributes(link.attributes)
    return size


def _attributes(attributes: Attributes | Mapping[str, Any]) -> int:
    return sum(32 + 4 * len(key) + _value(value) for key, value in (attributes or {}).items())


def _value(value: object) -> int:
    if isinstance(value, str):
        return 24 + (len(value) if value.isascii() else 4 * len(value))
    if isinstance(value, (bytes, bytearray)):
        return 24 + len(value)
    if isinstance(value, (list, tuple)):
        return 32 + sum(_value(element) for element in value)
    return 32 + 8 * len(str(value)) if isinstance(value, dict) else 32
