"""Traces of the server's own work, sent over OTLP with OpenTelemetry's SDK."""

from __future__ import annotations

import random
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit, urlunsplit

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from collector.telemetry.tracing import (
    NO_SPAN,
    NO_TRACING,
    SELF_TRACE_ATTRIBUTE,
    SERVICE_NAME,
    WorkSpan,
    only_self_traces,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from opentelemetry.trace import Span

    from collector.telemetry.tracing import Tracing
    from collector.writer.writer import Sink
    from server.settings import Settings
    from store.intake import Envelope

_TIMEOUT_S: Final = 5
_PATH: Final = "/v1/traces"


class SelfTraces:
    """Traces a share (``ratio``, from 0 to 1) of the work and sends it to the OTLP/HTTP address ``endpoint``."""

    enabled = True

    def __init__(self, endpoint: str, ratio: float) -> None:
        self._ratio = ratio
        resource = Resource.create(
            {"service.name": SERVICE_NAME, "service.version": _version(), SELF_TRACE_ATTRIBUTE: True}
        )
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=_traces_address(endpoint), timeout=_TIMEOUT_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("flowtrail.server")

    def span(self, name: str, traced: Callable[[], bool]) -> WorkSpan:
        """See :class:`collector.telemetry.tracing.Tracing`."""
        # The sample is taken before a span is made: work that is not traced must cost nothing.
        if random.random() >= self._ratio or not traced():  # noqa: S311 - a sample, not a secret
            return NO_SPAN
        return _Reported(self._tracer.start_span(name, context=trace.set_span_in_context(trace.INVALID_SPAN)))

    def child_span(self, name: str) -> WorkSpan:
        """See :class:`collector.telemetry.tracing.Tracing`."""
        around = trace.get_current_span()
        return _Reported(self._tracer.start_span(name)) if around.is_recording() else NO_SPAN

    def close(self) -> None:
        """Send what is left, for some seconds at most."""
        self._provider.force_flush(_TIMEOUT_S * 1000)
        self._provider.shutdown()


class _Reported:
    """Work that becomes a span."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._use = trace.use_span(span, record_exception=False, set_status_on_exception=False)

    def __enter__(self) -> Self:
        self._use.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace_back: TracebackType | None
    ) -> None:
        if kind is not None:
            # Not the message: it may quote what was sent.
            self._span.set_attribute("error.type", str(getattr(error, "code", kind.__name__)))
            self._span.set_status(trace.StatusCode.ERROR)
        self._use.__exit__(None, None, None)
        self._span.end()

    def set_attribute(self, name: str, value: str | int) -> None:
        self._span.set_attribute(name, value)


def traced_sink(tracing: Tracing, sink: Sink) -> Sink:
    """``sink``, with a span for each insert."""

    def insert(envelopes: Sequence[Envelope], token: str) -> None:
        with tracing.span("insert", lambda: not only_self_traces(envelopes)) as span:
            span.set_attribute("flowtrail.batch", token)
            span.set_attribute("flowtrail.requests", len(envelopes))
            span.set_attribute("flowtrail.bytes", sum(len(envelope.request) for envelope in envelopes))
            sink(envelopes, token)

    return insert if tracing.enabled else sink


def self_tracing(settings: Settings) -> Tracing:
    """Tracing as the settings say; by default nothing is traced."""
    if not settings.self_traces_endpoint or not settings.self_traces_ratio:
        return NO_TRACING
    return SelfTraces(settings.self_traces_endpoint, settings.self_traces_ratio)


def _traces_address(endpoint: str) -> str:
    """``endpoint`` itself if it has a path, else with the path of OTLP/HTTP."""
    parts = urlsplit(endpoint)
    return urlunsplit(parts._replace(path=_PATH)) if parts.path in {"", "/"} else endpoint


def _version() -> str:
    try:
        return version("flowtrail-server")
    except PackageNotFoundError:
        return "unknown"
