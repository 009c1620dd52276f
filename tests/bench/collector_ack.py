"""How fast the collector acknowledges: spans a second into the durable log, and the latency of small requests.

The collector runs in a process of its own with a sink that throws everything away, so this is the way from the socket
to the disk and through the writer, without a store. Senders are bare sockets with requests made beforehand.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import resource
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.service import Collector
from collector.settings import CollectorSettings

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

ATTRIBUTES = {
    "flow.name": "order-to-cash",
    "flow.version": "1",
    "flow.step": "reserve-stock",
    "flow.step.kind": "task",
    "flow.actor.type": "service",
    "flow.actor.id": "wms",
    "flow.action": "create",
    "flow.cost.currency": "EUR",
    "flow.dim.channel": "web",
    "flow.dim.region": "north",
}


@dataclass(frozen=True)
class Load:
    """One run: ``throughput_s`` seconds of full load, then ``latency_s`` seconds of small requests at a fixed rate."""

    spans_per_request: int = 500
    connections: int = 8
    throughput_s: float = 5.0
    small_spans: int = 5
    small_per_s: int = 1000
    latency_s: float = 5.0


def run(load: Load | None = None, directory: Path | None = None) -> dict[str, Any]:
    """Start a collector with its log below ``directory``, load it, and report spans/s and milliseconds."""
    load = load or Load()
    with tempfile.TemporaryDirectory(dir=directory) as log_dir:
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        server = multiprocessing.get_context("spawn").Process(target=_serve, args=(log_dir, theirs))
        server.start()
        try:
            return uvloop.run(_measure(load, ours.recv(), ours))
        finally:
            ours.send("stop")
            server.join()


async def _measure(load: Load, port: int, server: Connection) -> dict[str, Any]:
    full = await _throughput(load, port, server)
    return {**full, **await _latency(load, port)}


async def _throughput(load: Load, port: int, server: Connection) -> dict[str, Any]:
    request = _http(_request(load.spans_per_request))
    before, began = _cpu(server), time.perf_counter()
    until = began + load.throughput_s
    counts = await asyncio.gather(*(_pump(port, request, until) for _ in range(load.connections)))
    seconds = time.perf_counter() - began
    cpu = _cpu(server) - before
    spans = sum(counts) * load.spans_per_request
    return {
        "spans_per_request": load.spans_per_request,
        "request_bytes": len(request),
        "requests": sum(counts),
        "spans_per_s": round(spans / seconds),
        "collector_cpu_us_per_span": round(cpu / spans * 1e6, 3),
    }


async def _latency(load: Load, port: int) -> dict[str, Any]:
    """Requests leave when they are due, whether or not earlier ones were answered; late ones count from when due."""
    request = _http(_request(load.small_spans))
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(32):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    began = time.perf_counter()
    tasks = []
    for index in range(int(load.small_per_s * load.latency_s)):
        due = began + index / load.small_per_s
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(_ask(free, request, due)))
    took = sorted(await asyncio.gather(*tasks))
    rate = len(took) / (time.perf_counter() - began)
    return {
        "small_requests_per_s": round(rate),
        "ack_p50_ms": round(statistics.median(took) * 1e3, 2),
        "ack_p99_ms": round(took[int(len(took) * 0.99)] * 1e3, 2),
        "ack_max_ms": round(took[-1] * 1e3, 2),
    }


async def _pump(port: int, request: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    done = 0
    while time.perf_counter() < until:
        await _exchange(reader, writer, request)
        done += 1
    writer.close()
    return done


async def _ask(free: asyncio.Queue[Any], request: bytes, due: float) -> float:
    reader, writer = await free.get()
    await _exchange(reader, writer, request)
    free.put_nowait((reader, writer))
    return time.perf_counter() - due


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(answer.decode())


def _cpu(server: Connection) -> float:
    server.send("cpu")
    return float(server.recv())


def _request(spans: int) -> bytes:
    dice = random.Random(1)
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = "wms"
    scope = group.scope_spans.add()
    for number in range(spans):
        start = 1_760_000_000_000_000_000 + number
        span = scope.spans.add(trace_id=dice.randbytes(16), span_id=dice.randbytes(8), name="reserve-stock", kind=1)
        span.start_time_unix_nano, span.end_time_unix_nano = start, start + 1_000_000
        for key, value in {**ATTRIBUTES, "flow.case.id": f"SO-{number}"}.items():
            span.attributes.add(key=key).value.string_value = value
    body: bytes = message.SerializeToString()
    return body


def _http(body: bytes) -> bytes:
    head = f"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def _serve(log_dir: str, pipe: Connection) -> None:
    uvloop.run(_collect(Path(log_dir), pipe))


async def _collect(log_dir: Path, pipe: Connection) -> None:
    settings = CollectorSettings(http_port=0, grpc_port=0, log_dir=log_dir)
    collector = Collector(settings, sink=lambda _envelopes, _token: None)
    await collector.start()
    pipe.send(collector.http_port)
    while await asyncio.to_thread(pipe.recv) == "cpu":
        usage = resource.getrusage(resource.RUSAGE_SELF)
        pipe.send(usage.ru_utime + usage.ru_stime)
    await collector.stop()


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))  # noqa: T201 (this is what it is for)
