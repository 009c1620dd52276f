"""A runtime: one system's identity, its checks, its clock and ids, and its way to the collector."""

from __future__ import annotations

import atexit
import os
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, Unpack
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from ._checks import Checks
from ._context import host_has_provider, host_names_provider
from ._log import logger
from ._queue import ExporterSender, Sender, SpanQueue, Stats
from ._settings import UNNAMED, Settings, SettingsArguments, resolve, sends_key_in_the_clear
from ._watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace.export import SpanExporter

    from ._attributes import Classify

SCOPE: Final = InstrumentationScope("flowtrail", version("flowtrail"))


class RuntimeArguments(SettingsArguments, total=False):
    """What ``init`` and ``Runtime`` take beside the settings; ``None`` means: the usual one."""

    clock: Callable[[], int] | None
    id_generator: IdGenerator | None
    exporter: SpanExporter | None
    attach_host_spans: bool | TracerProvider
    classify: Classify | None


class Runtime:
    """Where steps of one system go. ``flowtrail.init`` makes the default one; further ones may live beside it.

    ``clock`` returns nanoseconds since the epoch; every time that is sent comes from it. ``exporter`` replaces the OTLP
    exporter. ``attach_host_spans`` also sends the spans of the host's tracer provider (or of the provider given).
    ``classify`` decides the class of an exception (see :data:`flowtrail.Classify`).
    """

    def __init__(
        self, system: str | None = None, endpoint: str | None = None, **arguments: Unpack[RuntimeArguments]
    ) -> None:
        own: dict[str, Any] = {**arguments}
        self.clock: Callable[[], int] = own.pop("clock", None) or time.time_ns
        self.ids: IdGenerator = own.pop("id_generator", None) or RandomIdGenerator()
        self.classify: Classify | None = own.pop("classify", None)
        exporter: SpanExporter | None = own.pop("exporter", None)
        attach: bool | TracerProvider = own.pop("attach_host_spans", False)
        self.settings, wrong = resolve({"system": system, "endpoint": endpoint, **own})
        self.checks = Checks(strict=self.settings.strict)
        for sentence in wrong:
            self.checks.problem("setting", sentence, "See the table of settings in docs/sdk.md.")
        if self.settings.system == UNNAMED and not self.settings.disabled:
            self.checks.problem("system", "The system has no name.", 'Say flowtrail.init(system="shop").')
        if sends_key_in_the_clear(self.settings):
            logger.warning(
                "The key is sent unencrypted to %s: anybody on the way can read it. Use an https address.",
                urlsplit(self.settings.endpoint).hostname,
            )
        self.resource = Resource.create({**self.settings.resource_attributes, SERVICE_NAME: self.settings.system})
        self.watch = Watch(self.settings.started_after_s)
        self._queue = None if self.settings.disabled else _queue(self.settings, exporter)
        self._attach: bool | TracerProvider = attach if self._queue else False
        self._attached = not attach
        self._host_seen = host_names_provider()
        if self._queue is not None:
            _live.add(self)
        self._attach_host()

    @property
    def system(self) -> str:
        """The name of the system, ``service.name`` on the wire."""
        return self.settings.system

    def send(self, span: ReadableSpan, *, urgent: bool = False) -> None:
        """Queue a finished span."""
        if self._queue is not None:
            self._queue.put(span, urgent=urgent)

    def stats(self) -> Stats:
        """What became of the spans so far."""
        return self._queue.stats() if self._queue else Stats(0, 0, 0, 0)

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until everything queued is sent or given up; whether that came about within ``timeout_s``."""
        return self._queue is None or self._queue.flush(timeout_s)

    def begin_flush(self, timeout_s: float = 10.0) -> None:
        """Have everything queued sent now, without waiting for it; what fails is tried again for ``timeout_s``."""
        if self._queue is not None:
            self._queue.mark(timeout_s)

    def shutdown(self, timeout_s: float | None = None) -> bool:
        """Flush and stop; whether all was sent or given up within ``timeout_s`` (default ``exit_timeout_s``)."""
        self.watch.close()
        _live.discard(self)
        if self._queue is None:
            return True
        return self._queue.close(self.settings.exit_timeout_s if timeout_s is None else timeout_s)

    def may_take_slot(self) -> bool:
        """Whether a step may become OpenTelemetry's current span where no host span is."""
        if not self._attached:
            self._attach_host()
        if not self._host_seen:
            self._host_seen = host_has_provider()
        return not self._host_seen or bool(self._attach)

    def after_fork(self) -> None:
        """Make a forked child independent of its parent."""
        self.watch.after_fork()
        if self._queue is not None:
            self._queue.after_fork()

    def _attach_host(self) -> None:
        """The host may set up OpenTelemetry after us, so this is tried again until it has."""
        provider: Any = self._attach
        if self._attached or self._queue is None:
            return
        if provider is True and (host_names_provider() or host_has_provider()):
            provider = trace.get_tracer_provider()
        if isinstance(provider, TracerProvider):
            self._attached = True
            provider.add_span_processor(_HostSpans(self._queue))


class _HostSpans(SpanProcessor):
    """Feeds the spans that the host samples to Flowtrail too; the host's own exporters do not notice."""

    def __init__(self, queue: SpanQueue) -> None:
        self._queue = queue

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a span of the host."""
        if span.context is not None and span.context.trace_flags.sampled:
            self._queue.put(span)


def _queue(settings: Settings, exporter: SpanExporter | None) -> SpanQueue:
    sender: Sender
    if exporter is not None:
        sender = ExporterSender(exporter)
    else:
        from ._exporter import OtlpSender  # noqa: PLC0415 - half of the SDK's import time, and often not needed

        sender = OtlpSender(settings)
    return SpanQueue(
        sender,
        max_size=settings.max_queue_size,
        batch_size=settings.max_batch_size,
        delay_s=settings.schedule_delay_s,
    )


def _at_exit() -> None:
    """Flush every runtime before the process ends; they share the time, so many runtimes do not add up."""
    runtimes = list(_live)
    for runtime in runtimes:
        runtime.begin_flush(runtime.settings.exit_timeout_s)
    deadline = time.monotonic() + max((r.settings.exit_timeout_s for r in runtimes), default=0.0)
    for runtime in runtimes:
        runtime.shutdown(max(0.0, min(deadline - time.monotonic(), runtime.settings.exit_timeout_s)))


def _after_fork() -> None:
    for runtime in list(_live):
        runtime.after_fork()


_live: set[Runtime] = set()
atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
