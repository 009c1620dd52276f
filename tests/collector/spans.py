"""OTLP requests for the tests."""

from __future__ import annotations

import hashlib
from itertools import count

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from store.intake import Envelope

_NUMBERS = count(1)


def request(spans: int = 1, name: str = "reserve-stock", system: str = "wms") -> bytes:
    """A request with ``spans`` good spans, each with ids of its own."""
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = system
    scope = group.scope_spans.add()
    for _ in range(spans):
        digest = hashlib.sha256(str(next(_NUMBERS)).encode()).digest()
        span = scope.spans.add(trace_id=digest[:16], span_id=digest[16:24], name=name)
        span.start_time_unix_nano = 1_760_000_000_000_000_000
        span.end_time_unix_nano = 1_760_000_001_000_000_000
    body: bytes = message.SerializeToString()
    return body


def spoilt(good: int, **ids: bytes) -> bytes:
    """A request with ``good`` good spans and one whose ids are set to ``ids``."""
    message = ExportTraceServiceRequest.FromString(request(good + 1))
    span = message.resource_spans[0].scope_spans[0].spans[good // 2]
    for name, value in ids.items():
        setattr(span, name, value)
    body: bytes = message.SerializeToString()
    return body


def envelope(body: bytes | None = None, received_ns: int = 1, tenant: str = "default") -> Envelope:
    return Envelope(tenant, received_ns, request() if body is None else body)


def span_ids(body: bytes) -> list[bytes]:
    message = ExportTraceServiceRequest.FromString(body)
    return [span.span_id for group in message.resource_spans for scope in group.scope_spans for span in scope.spans]


def span_names(body: bytes) -> list[str]:
    message = ExportTraceServiceRequest.FromString(body)
    return [span.name for group in message.resource_spans for scope in group.scope_spans for span in scope.spans]
