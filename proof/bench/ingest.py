"""How many spans a second the running product takes, stores and folds, and what that costs it.

``flowtrail serve`` runs in a process of its own, everything on: log, decoding, all views, folds. For every transport
and size of request a new server with an empty store gets ``spans`` spans from one sender process, as fast as it takes
them. Four moments count, all from the first request on: everything acknowledged, stored (the durable log is empty),
folded (every case can be asked for), at rest (nothing left to merge).
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from proof.bench.tools import process
from proof.bench.tools.command import alone
from proof.bench.tools.load import Load
from proof.bench.tools.product import Product, running, sizes
from proof.bench.tools.report import progress
from proof.bench.tools.sender import Plan, send

TRANSPORTS: Final = ("http", "grpc")
REQUESTS: Final = (100, 512, 5000)


@dataclass(frozen=True)
class Setting:
    """One run. ``folding`` off leaves the folds out, which the product itself never does."""

    transport: str
    load: Load
    spans: int
    connections: int = 8
    folding: bool = True

    @property
    def name(self) -> str:
        folds = "" if self.folding else " no folds"
        spread = f" {self.load.in_flight} in flight" if self.load.in_flight else ""
        return f"{self.transport} {self.load.spans_per_request}{spread}{folds}"

    @property
    def requests(self) -> int:
        return max(1, self.spans // self.load.spans_per_request)


def run(setting: Setting, directory: Path | None = None) -> dict[str, Any]:
    """The figures of one setting; spans a second are wall time, CPU is the server's."""
    progress(f"ingest: {setting.name}")
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        data = Path(folder)
        with running(data, folding=setting.folding) as product:
            figures = _measure(product, setting)
        figures |= sizes(data, setting.requests * setting.load.spans_per_request)
    if figures["spans_in_store"] != figures["spans"]:
        raise RuntimeError(f"{figures['spans']:,} spans were acknowledged, {figures['spans_in_store']:,} are stored")
    return {
        "name": setting.name,
        "transport": setting.transport,
        "spans_per_request": setting.load.spans_per_request,
        "in_flight": setting.load.in_flight,
        **figures,
    }


def _measure(product: Product, setting: Setting) -> dict[str, Any]:
    spans = setting.requests * setting.load.spans_per_request
    cpu = product.cpu_s()
    address = product.addresses[setting.transport]
    with process.Watch(lambda: {"mib": process.resident_mib(product.pid)}) as memory:
        plan = Plan(setting.transport, address, setting.load, 0, setting.requests, connections=setting.connections)
        sent = send(plan)
        rates = {"acknowledged_per_s": spans / sent.seconds}
        product.wait_stored()
        rates["stored_per_s"] = spans / (time.perf_counter() - sent.began)
        if setting.folding:
            product.wait_folded(setting.load, spans)
            rates["folded_per_s"] = spans / (time.perf_counter() - sent.began)
        busy_s = product.cpu_s() - cpu
        product.wait_idle()
        at_rest_s = product.cpu_s() - cpu
        merges_s = product.merge_s()
    return {
        "spans": spans,
        **rates,
        "cpu_s_per_million": busy_s / spans * 1e6,
        "cpu_s_per_million_at_rest": at_rest_s / spans * 1e6,
        "merges_share": merges_s / at_rest_s,
        "sender_cpu_s_per_million": sent.cpu_s / spans * 1e6,
        **sent.quantiles(),
        "sent_again": sent.refused,
        "resident_peak_mib": process.peak_mib(product.pid),
        "resident_at_rest_mib": process.resident_mib(product.pid),
        "resident_mib_by_s": [round(seen["mib"]) for seen in memory.seen],
    }


@click.command("ingest", help=__doc__)
@click.option("--transport", "transports", multiple=True, type=click.Choice(TRANSPORTS), help="Default: both.")
@click.option("--spans-per-request", "sizes_", multiple=True, type=int, help="Default: 100, 512 and 5,000.")
@click.option("--spans", default=1_000_000, show_default=True, help="Spans of each setting.")
@click.option("--connections", default=8, show_default=True)
@click.option("--in-flight", default=0, show_default=True, help="Cases that advance together; 0: one after the other.")
@click.option("--no-folds", is_flag=True, help="Leave the folds out.")
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Folder for the data; default: temporary.")
def command(
    transports: tuple[str, ...],
    sizes_: tuple[int, ...],
    spans: int,
    connections: int,
    in_flight: int,
    *,
    no_folds: bool,
    directory: Path | None,
) -> list[dict[str, Any]]:
    settings = [
        Setting(transport, Load(size, in_flight), spans, connections, not no_folds)
        for transport in transports or TRANSPORTS
        for size in sizes_ or REQUESTS
    ]
    return [run(setting, directory) for setting in settings]


if __name__ == "__main__":
    alone(command)
