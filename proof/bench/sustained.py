"""Minutes of steady load on the running product: does it keep up, and does its memory stay bounded?

One sender offers ``rate`` spans a second in requests of 512 (open loop). Ten lines over the whole time say what was
acknowledged, what waited to be stored and to be folded, and what the server used. A rate of 0 measures first, with a
million spans, how many the product folds a second, and offers 80 % of it.
"""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import click

from proof.bench import ingest
from proof.bench.tools import process
from proof.bench.tools.command import alone
from proof.bench.tools.load import Load
from proof.bench.tools.product import Product, running, sizes
from proof.bench.tools.report import progress
from proof.bench.tools.sender import Plan, Sent, send

_SHARE: Final = 0.8
_LINES: Final = 10


@dataclass(frozen=True)
class Haul:
    """``rate`` in spans a second, ``seconds`` in all; ``in_flight`` as in Load."""

    rate: int
    seconds: int = 60
    in_flight: int = 0
    transport: str = "http"
    connections: int = 16

    @property
    def load(self) -> Load:
        return Load(in_flight=self.in_flight)


def run(haul: Haul, directory: Path | None = None) -> dict[str, Any]:
    """What was acknowledged and used, over time and in all."""
    progress(f"sustained: {haul.rate:,} spans/s for {haul.seconds} s over {haul.transport}")
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        data = Path(folder)
        with running(data) as product:
            figures = _measure(product, haul)
        return {**figures, **sizes(data, figures["spans"])}


def found_rate(haul: Haul, directory: Path | None = None) -> int:
    """80 % of the spans a second that this machine folds of the same load, measured with a million."""
    found = ingest.run(ingest.Setting(haul.transport, haul.load, 1_000_000), directory)
    return offered(found["folded_per_s"])


def offered(folded_per_s: float) -> int:
    """Spans a second to offer where so many are folded a second."""
    return round(_SHARE * folded_per_s / 1000) * 1000


def _measure(product: Product, haul: Haul) -> dict[str, Any]:
    load = haul.load
    rate = haul.rate / load.spans_per_request
    plan = Plan(
        haul.transport,
        product.addresses[haul.transport],
        load,
        0,
        int(rate * haul.seconds),
        connections=haul.connections,
        rate=rate,
    )
    before = product.cpu_s()
    every_s = max(1.0, haul.seconds / 60)
    with process.Watch(lambda: _look(product), every_s) as watch, ThreadPoolExecutor() as pool:
        sending = pool.submit(send, plan)
        sent = sending.result()
    spans = sent.requests * load.spans_per_request
    product.wait_folded(load, spans)
    drained = time.perf_counter() - sent.began - sent.seconds
    used = product.cpu_s() - before
    return {
        "offered_spans_per_s": haul.rate,
        "acknowledged_spans_per_s": spans / sent.seconds,
        "spans": spans,
        "until_all_folded_s": drained,
        **sent.quantiles(),
        "sent_again": sent.refused,
        "cpu_s_per_million": used / spans * 1e6,
        "merges_share": product.merge_s() / used,
        "sender_cpu_s_per_million": sent.cpu_s / spans * 1e6,
        "resident_peak_mib": process.peak_mib(product.pid),
        "over_time": _lines(watch.seen, sent, load),
    }


def _look(product: Product) -> dict[str, float]:
    return {
        "cpu_s": product.cpu_s(),
        "merge_s": product.merge_s(),
        "resident_mib": process.resident_mib(product.pid),
        "pending_mib": product.pending_bytes() / 2**20,
        "unfolded": product.unfolded(),
    }


def _lines(seen: list[dict[str, float]], sent: Sent, load: Load) -> list[dict[str, Any]]:
    """About ten lines, each over the time since the one before."""
    step = max(1, len(seen) // _LINES)
    chosen = seen[::step]
    lines = []
    for first, last in pairwise(chosen):
        seconds = last["s"] - first["s"]
        taken = sum(count for second, count in sent.per_s.items() if first["s"] <= second < last["s"])
        lines.append(
            {
                "name": f"{last['s']:.0f} s",
                "spans_per_s": taken * load.spans_per_request / seconds,
                "cpu_cores": (last["cpu_s"] - first["cpu_s"]) / seconds,
                "merge_cores": (last["merge_s"] - first["merge_s"]) / seconds,
                "resident_mib": last["resident_mib"],
                "waiting_to_be_stored_mib": last["pending_mib"],
                "batches_waiting_to_be_folded": last["unfolded"],
            }
        )
    return lines


@click.command("sustained", help=__doc__)
@click.option("--rate", default=0, show_default=True, help="Spans a second; 0: 80 % of what is folded a second.")
@click.option("--seconds", default=600, show_default=True)
@click.option("--in-flight", default=0, show_default=True, help="Cases that advance together; 0: one after the other.")
@click.option("--transport", type=click.Choice(ingest.TRANSPORTS), default="http", show_default=True)
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Folder for the data; default: temporary.")
def command(rate: int, directory: Path | None, **choices: Any) -> dict[str, Any]:
    haul = Haul(rate, **choices)
    return run(replace(haul, rate=rate or found_rate(haul, directory)), directory)


if __name__ == "__main__":
    alone(command)
