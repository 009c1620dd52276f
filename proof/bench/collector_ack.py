"""How fast the collector alone acknowledges: from the socket to the disk and through the writer, without a store.

The collector runs in a process of its own with a sink that throws everything away: first as many spans as it takes,
then small requests at a fixed rate, each timed from when it was due. ``latency`` measures that of the whole product.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import uvloop

from collector.service import Collector
from collector.settings import CollectorSettings
from proof.bench.ingest import REQUESTS, TRANSPORTS
from proof.bench.tools import process
from proof.bench.tools.command import alone
from proof.bench.tools.load import Load
from proof.bench.tools.report import progress
from proof.bench.tools.sender import Plan, send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection


@dataclass(frozen=True)
class Rush:
    """``seconds`` of full load with requests of ``spans`` spans, or at ``rate`` requests a second if it is not 0."""

    transport: str
    spans: int
    seconds: int = 5
    rate: int = 0


def run(rush: Rush, directory: Path | None = None) -> dict[str, Any]:
    """Spans a second, CPU microseconds a span, and milliseconds until the acknowledgement."""
    name = f"{rush.transport} {rush.spans}" + (f" at {rush.rate}/s" if rush.rate else "")
    progress(f"collector alone: {name}")
    with tempfile.TemporaryDirectory(dir=directory) as folder, _collector(Path(folder)) as (pid, addresses):
        requests = rush.rate * rush.seconds
        plan = Plan(
            rush.transport,
            addresses[rush.transport],
            Load(rush.spans),
            0,
            requests,
            rush.seconds,
            connections=32 if rush.rate else 8,
            rate=rush.rate,
            prepared=bool(requests),
        )
        before = process.cpu_s(pid)
        sent = send(plan)
        used = process.cpu_s(pid) - before
    spans = sent.requests * rush.spans
    return {
        "name": name,
        "requests_per_s": sent.requests / sent.seconds,
        "spans_per_s": spans / sent.seconds,
        "collector_cpu_us_per_span": used / spans * 1e6,
        "sender_cpu_us_per_span": sent.cpu_s / spans * 1e6,
        **sent.quantiles(),
        "ack_max_ms": max(sent.took_ms),
        "sent_again": sent.refused,
    }


@contextmanager
def _collector(log_dir: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Its process and its addresses by transport."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(log_dir, theirs))
    server.start()
    theirs.close()
    try:
        http, grpc = _ports(ours)
        yield server.pid or 0, {"http": f"127.0.0.1:{http}", "grpc": f"127.0.0.1:{grpc}"}
        ours.send("stop")
    finally:
        ours.close()
        server.join()


def _ports(pipe: Connection) -> tuple[int, int]:
    """Those of HTTP and gRPC, once the collector has started."""
    try:
        http, grpc = pipe.recv()
    except EOFError:
        raise RuntimeError("the collector did not start; what it said is above") from None
    return http, grpc


def _serve(log_dir: Path, pipe: Connection) -> None:
    uvloop.run(_collect(log_dir, pipe))


async def _collect(log_dir: Path, pipe: Connection) -> None:
    settings = CollectorSettings(http_port=0, grpc_port=0, log_dir=log_dir)
    collector = Collector(settings, sink=lambda _envelopes, _token: None)
    await collector.start()
    pipe.send((collector.http_port, collector.grpc_port))
    with suppress(EOFError):
        await asyncio.to_thread(pipe.recv)
    await collector.stop()


@click.command("collector_ack", help=__doc__)
@click.option("--seconds", default=5, show_default=True, help="Length of each run.")
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Folder for the log; default: temporary.")
def command(seconds: int, directory: Path | None) -> list[dict[str, Any]]:
    return runs(seconds, directory)


def runs(seconds: int, directory: Path | None = None) -> list[dict[str, Any]]:
    """Full load with each size of request over each transport, then small requests at a fixed rate."""
    full = [Rush(transport, spans, seconds) for transport in TRANSPORTS for spans in REQUESTS]
    small = [Rush(transport, 5, seconds, rate=1000) for transport in TRANSPORTS]
    return [run(rush, directory) for rush in (*full, *small)]


if __name__ == "__main__":
    alone(command)
