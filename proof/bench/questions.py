"""How fast the running product answers with ``spans`` spans in its store, and how soon a new step can be seen."""

from __future__ import annotations

import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import httpx
import numpy as np

from cases.trail.trail import trail
from proof.bench.tools.command import alone
from proof.bench.tools.load import FLOW, STEPS, Load
from proof.bench.tools.product import Product, running
from proof.bench.tools.report import progress
from proof.bench.tools.sender import Plan, send
from store.client import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

_QUESTIONS: Final = 200
_NEW_CASE: Final = 500_000_000
# A tenth of a second a case from here on, so that the new cases are of an hour ago.
_BEGAN_NS: Final = time.time_ns() - _NEW_CASE * 100_000_000 - 3_600_000_000_000


def run(spans: int, directory: Path | None = None) -> dict[str, Any]:
    """Milliseconds, p50 and p95."""
    progress(f"questions: {spans:,} spans are sent first")
    load = Load()
    requests = max(1, spans // load.spans_per_request)
    cases = load.cases(requests * load.spans_per_request)
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        data = Path(folder)
        with running(data) as product:
            send(Plan("http", product.addresses["http"], load, 0, requests))
            product.wait_folded(load, requests * load.spans_per_request)
            product.wait_idle()
            figures = {"spans": requests * load.spans_per_request, "cases": cases, **_over_http(product, load, cases)}
            figures["visible_ms"] = _visible(product)
        store = open_store(f"chdb://{data / 'store'}")
        try:
            return {**figures, **_in_the_store(store, load, cases)}
        finally:
            store.close()


def _visible(product: Product) -> dict[str, float]:
    """From the acknowledgement of a new case's first step to its trail, one case at a time, when idle."""
    return _quantiles([_until_visible(product, number) for number in range(20)])


def _until_visible(product: Product, number: int) -> float:
    load = Load(len(STEPS), first_case=_NEW_CASE + number, began_ns=_BEGAN_NS)
    url = f"http://{product.addresses['http']}/v1/traces"
    httpx.post(url, content=load.request(0), headers={"content-type": "application/x-protobuf"}).raise_for_status()
    began = time.perf_counter()
    path = f"{product.web}/api/v1/flows/{FLOW}/cases/{load.case_id(0)}/trail"
    while httpx.get(path, timeout=60).status_code != httpx.codes.OK:
        time.sleep(0.01)
    return 1000 * (time.perf_counter() - began)


def _over_http(product: Product, load: Load, cases: int) -> dict[str, Any]:
    dice = random.Random(1)
    numbers = [dice.randrange(cases) for _ in range(_QUESTIONS)]
    with httpx.Client(base_url=f"{product.web}/api/v1", timeout=300) as client:

        def ask(path: str) -> float:
            return _took(lambda: client.get(path).raise_for_status())

        trails = [f"/flows/{FLOW}/cases/{load.case_id(number)}/trail" for number in numbers]
        return {
            "search_http_ms": _quantiles([ask(f"/search?q={load.package_id(number)}") for number in numbers]),
            "trail_http_ms": _quantiles([ask(path) for path in trails]),
            "kpi_page_http_ms": _quantiles([ask(f"/flows/{FLOW}/kpis") for _ in range(20)]),
        }


def _in_the_store(store: Store, load: Load, cases: int) -> dict[str, Any]:
    dice = random.Random(2)
    now = datetime.now(UTC)
    numbers = [dice.randrange(cases) for _ in range(_QUESTIONS)]
    by_trace = "SELECT * FROM otel_traces WHERE Tenant = 'default' AND TraceId = {trace:String}"
    traces = [load.trace_id(number) for number in numbers]
    of_case = [(FLOW, load.case_id(number)) for number in numbers]
    return {
        "trace_by_id_store_ms": _quantiles([_took(lambda t=t: store.rows(by_trace, trace=t)) for t in traces]),
        "trail_store_ms": _quantiles([_took(lambda c=c: trail(store, "default", c, now)) for c in of_case]),
    }


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _quantiles(took: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(took, [50, 95])
    return {"p50": float(p50), "p95": float(p95)}


@click.command("questions", help=__doc__)
@click.option("--spans", default=500_000, show_default=True)
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Folder for the data; default: temporary.")
def command(spans: int, directory: Path | None) -> dict[str, Any]:
    return run(spans, directory)


if __name__ == "__main__":
    alone(command)
