"""Real clients, each with its own retries, that say which spans the collector acknowledged.

OpenTelemetry's SDK over HTTP and over gRPC, Flowtrail's own SDK, and a program that posts OTLP as JSON by hand.
"""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

import httpx
from flowtrail import Flow, Runtime
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status, StatusCode

from proof.chaos.ledger import Ledger, SpanKey, log_key
from proof.chaos.orders import FLOW, NUMBER, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proof.chaos.orders import Orders

TIMEOUT_S: Final = 20.0
"""How long a client tries again before it gives a batch up."""

RETRYABLE: Final = frozenset({429, 502, 503, 504})


class Sender(Protocol):
    """One client, used from one thread."""

    def send(self, step: Step) -> None:
        """Hand one step to the client, which sends it when it sees fit."""

    def close(self) -> None:
        """Send what is left, as long as the client is willing to try."""


def key_of(span: ReadableSpan) -> SpanKey:
    assert span.context is not None
    return SpanKey(f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}")


class Acknowledged(SpanExporter):
    """Writes down what the exporter behind it says was taken."""

    def __init__(self, exporter: SpanExporter, ledger: Ledger) -> None:
        self._exporter = exporter
        self._ledger = ledger

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._ledger.acknowledge(map(key_of, spans))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


class OpenTelemetrySender:
    """OpenTelemetry's SDK as an application uses it: a tracer, a batch processor, an exporter."""

    def __init__(self, system: str, exporter: SpanExporter, ledger: Ledger) -> None:
        self._system = system
        self._ledger = ledger
        self._provider = TracerProvider(resource=Resource({"service.name": system}), shutdown_on_exit=False)
        processor = BatchSpanProcessor(
            Acknowledged(exporter, ledger), max_queue_size=20_000, schedule_delay_millis=50, max_export_batch_size=64
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("chaos")

    def send(self, step: Step) -> None:
        span = self._tracer.start_span(step.name, attributes=step.attributes())
        assert isinstance(span, ReadableSpan)
        self._ledger.send(key_of(span), step, self._system)
        if step.error:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def close(self) -> None:
        self._provider.force_flush()
        self._provider.shutdown()


class FlowtrailSender:
    """Flowtrail's own SDK."""

    def __init__(self, system: str, endpoint: str, ledger: Ledger) -> None:
        self._system = system
        self._ledger = ledger
        self._runtime = Runtime(
            system, endpoint, timeout_s=TIMEOUT_S, schedule_delay_s=0.05, max_batch_size=64, max_queue_size=20_000
        )
        self._flow = Flow(FLOW, runtime=self._runtime)
        sender: Any = self._runtime._queue and self._runtime._queue._sender
        self._deliver = sender.deliver
        sender.deliver = self._acknowledge

    def send(self, step: Step) -> None:
        scope = self._flow.case(step.case) if step.case else self._flow.objects(package=step.package)
        given: dict[str, Any] = {"cost": (step.cost, "EUR")} if step.cost else {}
        if step.case and step.package:
            given["refs"] = {"package": step.package}
        if step.outcome:
            given["outcome"] = step.outcome
        actor = ("human", "dana") if step.human else ("service", "robot")
        action = "approve" if step.human else "submit"
        with scope.step(step.name, attempt=step.attempt, actor=actor, action=action, **given) as running:
            self._ledger.send(SpanKey(running.trace_id, running.span_id), step, self._system)
            running.attribute(NUMBER, step.number)
            if step.error == "business":
                running.business_error("no")
            elif step.error:
                running.infrastructure_error("broken")

    def close(self) -> None:
        self._runtime.flush(TIMEOUT_S)
        self._runtime.shutdown(1)

    def _acknowledge(self, spans: Sequence[ReadableSpan]) -> int:
        taken: int = self._deliver(spans)
        if taken == len(spans):
            self._ledger.acknowledge(map(key_of, spans))
        elif taken:
            self._ledger.reject(len(spans) - taken)
        return taken


class AcknowledgedLogs(LogRecordExporter):
    """The same for log records."""

    def __init__(self, exporter: LogRecordExporter, ledger: Ledger) -> None:
        self._exporter = exporter
        self._ledger = ledger

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        result = self._exporter.export(batch)
        if result is LogRecordExportResult.SUCCESS:
            self._ledger.acknowledge(log_key(one.log_record.attributes[NUMBER]) for one in batch)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


class LogSender:
    """OpenTelemetry's SDK again, with a log record for each step in the place of a span."""

    def __init__(self, system: str, exporter: LogRecordExporter, ledger: Ledger) -> None:
        self._system = system
        self._ledger = ledger
        self._provider = LoggerProvider(Resource({"service.name": system}), shutdown_on_exit=False)
        processor = BatchLogRecordProcessor(
            AcknowledgedLogs(exporter, ledger),
            max_queue_size=20_000,
            schedule_delay_millis=50,
            max_export_batch_size=64,
        )
        self._provider.add_log_record_processor(processor)
        self._logger = self._provider.get_logger("chaos")

    def send(self, step: Step) -> None:
        # Not one of the orders' steps: a record of that number and no case.
        self._ledger.send(log_key(step.number), Step(step.number, "log"), self._system)
        self._logger.emit(LogRecord(timestamp=time.time_ns(), body=step.name, attributes={NUMBER: step.number}))

    def close(self) -> None:
        self._provider.force_flush()
        self._provider.shutdown()


class JsonSender:
    """A program without any SDK: OTLP as JSON in a POST, sent again as OTLP's specification says, each on its own."""

    def __init__(self, system: str, url: str, ledger: Ledger, seed: int) -> None:
        self._system = system
        self._url = url
        self._ledger = ledger
        self._dice = random.Random(seed)
        self._client = httpx.Client(timeout=TIMEOUT_S)

    def send(self, step: Step) -> None:
        key = SpanKey(f"{self._dice.getrandbits(128):032x}", f"{self._dice.getrandbits(64):016x}")
        self._ledger.send(key, step, self._system)
        if self._post(self._request(key, step)):
            self._ledger.acknowledge([key])

    def close(self) -> None:
        self._client.close()

    def _post(self, body: dict[str, Any]) -> bool:
        """Whether it was taken in time."""
        deadline = time.monotonic() + TIMEOUT_S
        pause = 0.1
        while time.monotonic() < deadline:
            try:
                answer = self._client.post(self._url, json=body)
            except httpx.TransportError:
                wait = pause
            else:
                if answer.status_code == httpx.codes.OK:
                    self._ledger.reject(int(answer.json().get("partialSuccess", {}).get("rejectedSpans", 0)))
                    return True
                if answer.status_code not in RETRYABLE:
                    raise AssertionError(f"The collector answered {answer.status_code}: {answer.text}")
                wait = float(answer.headers.get("retry-after", pause))
            time.sleep(wait * self._dice.uniform(0.8, 1.2))
            pause = min(2 * pause, 2.0)
        return False

    def _request(self, key: SpanKey, step: Step) -> dict[str, Any]:
        now = time.time_ns()
        span = {
            "traceId": key.trace_id,
            "spanId": key.span_id.upper(),
            "name": step.name,
            "kind": 1,
            "startTimeUnixNano": str(now - 1_000_000),
            "endTimeUnixNano": str(now),
            "attributes": [_attribute(name, value) for name, value in step.attributes().items()],
            "status": {"code": 2} if step.error else {},
        }
        resource = {"attributes": [_attribute("service.name", self._system)]}
        return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}


def _attribute(key: str, value: str | float) -> dict[str, Any]:
    kind = {str: "stringValue", int: "intValue", float: "doubleValue"}[type(value)]
    return {"key": key, "value": {kind: str(value) if isinstance(value, int) else value}}


def all_senders(http: str, grpc_address: str, ledger: Ledger, seed: int) -> list[Sender]:
    """One of each, for a collector whose OTLP/HTTP is at the URL ``http``."""
    traces = f"{http}/v1/traces"
    zipped = HttpExporter(endpoint=traces, timeout=TIMEOUT_S, compression=Compression.Gzip)
    binary = GrpcExporter(endpoint=grpc_address, insecure=True, timeout=TIMEOUT_S)
    logs = HttpLogs(endpoint=f"{http}/v1/logs", timeout=TIMEOUT_S)
    return [
        OpenTelemetrySender("opentelemetry-http", zipped, ledger),
        OpenTelemetrySender("opentelemetry-grpc", binary, ledger),
        FlowtrailSender("flowtrail-sdk", http, ledger),
        JsonSender("json-by-hand", traces, ledger, seed),
        LogSender("opentelemetry-logs", logs, ledger),
    ]


class Traffic:
    """One thread for each sender, all fed from the same orders, ``pause_s`` apart, until ``stop``."""

    def __init__(self, senders: list[Sender], orders: Orders, pause_s: float) -> None:
        self._orders = orders
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(sender,), daemon=True) for sender in senders]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send no more steps; returns when every client has delivered its last one or given up. Raises what one met."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def _run(self, sender: Sender) -> None:
        try:
            while not self._stopping.wait(self._pause_s):
                sender.send(self._orders.next())
            sender.close()
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that stops
            self._failures.append(error)
