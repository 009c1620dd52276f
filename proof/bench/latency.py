"""How soon small requests are acknowledged at a fixed rate, everything on: log, decoding, all views, folds.

Open loop: a request leaves when it is due, and its time runs from then on. ``beside`` adds a second sender that keeps
the server busy with large requests meanwhile.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from proof.bench.ingest import TRANSPORTS
from proof.bench.tools.command import alone
from proof.bench.tools.load import Load
from proof.bench.tools.product import Product, running
from proof.bench.tools.report import progress
from proof.bench.tools.sender import Plan, Sent, send

_BUSY_SPANS = 512


@dataclass(frozen=True)
class Rush:
    """``rate`` requests a second of ``spans`` spans for ``seconds``; ``beside`` further spans a second, 0 for none."""

    transport: str
    rate: int = 1000
    spans: int = 5
    seconds: int = 30
    connections: int = 32
    beside: int = 0


def run(rush: Rush, directory: Path | None = None) -> dict[str, Any]:
    """Milliseconds from when a request was due to its acknowledgement."""
    progress(f"latency: {rush.transport}, {rush.rate} requests/s")
    with tempfile.TemporaryDirectory(dir=directory) as folder, running(Path(folder)) as product:
        _rush(product, Rush(rush.transport, seconds=2, rate=100))  # what is slow only once
        product.wait_stored()
        before = product.cpu_s()
        with ThreadPoolExecutor() as pool:
            beside = pool.submit(_busy, product, rush) if rush.beside else None
            sent = _rush(product, rush)
            used = product.cpu_s() - before
            extra = beside.result().requests * _BUSY_SPANS / rush.seconds if beside else 0
    return {
        "name": rush.transport,
        "requests_per_s": sent.requests / sent.seconds,
        "spans_per_request": rush.spans,
        "spans_per_s_beside": extra,
        **sent.quantiles(),
        "ack_max_ms": max(sent.took_ms),
        "sent_again": sent.refused,
        "server_cpu_cores": used / sent.seconds,
        "sender_cpu_cores": sent.cpu_s / sent.seconds,
    }


def _rush(product: Product, rush: Rush) -> Sent:
    requests = rush.rate * rush.seconds
    load = Load(rush.spans, seed=requests)
    address = product.addresses[rush.transport]
    return send(Plan(rush.transport, address, load, 0, requests, 0, rush.connections, rate=rush.rate, prepared=True))


def _busy(product: Product, rush: Rush) -> Sent:
    load = Load(_BUSY_SPANS, seed=2, first_case=10_000_000)
    return send(Plan("http", product.addresses["http"], load, seconds=rush.seconds, rate=rush.beside / _BUSY_SPANS))


@click.command("latency", help=__doc__)
@click.option("--transport", "transports", multiple=True, type=click.Choice(TRANSPORTS), help="Default: both.")
@click.option("--rate", default=1000, show_default=True, help="Requests a second.")
@click.option("--spans", default=5, show_default=True, help="Spans of a request.")
@click.option("--seconds", default=30, show_default=True)
@click.option("--connections", default=32, show_default=True)
@click.option("--beside", default=0, show_default=True, help="Spans a second that another sender sends meanwhile.")
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Folder for the data; default: temporary.")
def command(transports: tuple[str, ...], directory: Path | None, **choices: Any) -> list[dict[str, Any]]:
    return [run(Rush(transport, **choices), directory) for transport in transports or TRANSPORTS]


if __name__ == "__main__":
    alone(command)
