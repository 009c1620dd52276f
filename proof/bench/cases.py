"""Millions of cases: how fast they are found, told, folded again, rebuilt and counted, and how that grows.

The spans are made by the store itself (``INSERT … SELECT`` from numbers into ``otel_traces``), so they pass every view
that received spans pass; the collector before them and the protobuf they come as are left out. Then the product works:
``cases.fold.rebuild`` makes the cases, and questions go to ``cases``, or over HTTP to ``flowtrail serve`` over the same
folder. Each size is a process of its own, so that its memory can be told, and its folder is deleted after it.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import httpx
import numpy as np

from cases import instants
from cases.fold.fold import Fold
from cases.fold.rebuild import rebuild
from cases.kpis import KPIS, KpiQuery, answer, answers
from cases.search.search import search
from cases.trail.trail import trail
from proof.bench.tools.command import alone
from proof.bench.tools.product import running
from proof.bench.tools.report import progress
from server.flow_files import declare_tenants
from store.client import Store, open_store
from store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Callable

SPANS: Final = 10_000_000
SMALLER: Final = 10
"""The second size is this many times smaller."""

_FLOW: Final = "order-to-cash"
_SPANS_A_CASE: Final = 5
_BLOCK: Final = 250_000
_CHUNK: Final = 2_500_000
_SCATTERED: Final = 10_000
_ROUNDS: Final = 5
_FIRST, _LAST = "2025-10-01T00:00:00Z", "2026-10-01T00:00:00Z"
_NOW: Final = "2026-10-08T00:00:00Z"
_FLOWS: Final = Path(__file__).resolve().parents[2] / "demo" / "flows"

# Of design: 10 million spans, 2 million cases, 2 cores.
TARGETS: Final = {
    "trail in the store, by any id": 50,
    "trail over HTTP, by any id": 100,
    "trace by id": 30,
    "KPI page, six weeks": 500,
}


@dataclass(frozen=True)
class Size:
    """How much there is. Ids are computed as ``cases.sql`` computes them."""

    spans: int
    questions: int = 100

    @property
    def cases(self) -> int:
        return self.spans // _SPANS_A_CASE

    def params(self) -> dict[str, int]:
        first, last, now = (instants.parse_rfc3339(text, "bench") for text in (_FIRST, _LAST, _NOW))
        return {
            "cases": self.cases,
            "first": first,
            "length": last - first,
            "now": now,
            "block": _BLOCK,
            "batch": _BLOCK,
        }


def run(spans: int, questions: int, directory: Path | None = None, *, growth: bool = True) -> dict[str, Any]:
    """Figures of ``spans`` spans, and with ``growth`` how many times what a tenth of them took."""
    sizes = [spans // SMALLER, spans] if growth else [spans]
    whole = [max(size // _SPANS_A_CASE, 1) * _SPANS_A_CASE for size in sizes]
    found = [_measured(Size(size, questions), directory) for size in whole]
    return {
        "spans": [each["spans"] for each in found][-1],
        "cases": [each["cases"] for each in found][-1],
        "figures": _table(found),
    }


def _table(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for name in found[-1]["figures"]:
        row: dict[str, Any] = {"name": name}
        values = [each["figures"].get(name) for each in found]
        for each, value in zip(found, values, strict=True):
            row[f"{each['spans']:,} spans"] = "" if value is None else value
        if len(found) > 1:
            row["grew by"] = round(values[-1] / values[0], 2) if values[0] else ""
        row["target"] = next(
            (f"< {ms}" for start, ms in TARGETS.items() if name.startswith(start) and "p95" in name), ""
        )
        rows.append(row)
    return rows


def _measured(size: Size, directory: Path | None) -> dict[str, Any]:
    """In a process of its own: the embedded engine gives memory back only at its end."""
    folder = Path(tempfile.mkdtemp(prefix="bench-cases-", dir=directory))
    try:
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            figures = pool.apply(in_the_store, (size, folder))
        return {"spans": size.spans, "cases": size.cases, "figures": {**figures, **_over_http(size, folder)}}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def in_the_store(size: Size, folder: Path) -> dict[str, float]:
    """Fill a store in ``folder`` and measure it."""
    store = open_store(f"chdb://{folder / 'store'}")
    try:
        migrate(store)
        declare_tenants(store, _FLOWS)
        return {**_filled(store, size), **_folded(store, size), **_asked(store, size), **_counted(store)}
    finally:
        store.close()


def fill(store: Store, size: Size) -> None:
    """Make the spans, a chunk at a time: bounds what one statement holds."""
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for begin in range(0, size.spans, _CHUNK):
        count = min(_CHUNK, size.spans - begin)
        progress(f"cases: spans {begin:,} to {begin + count:,} of {size.spans:,}")
        store.command(sql, begin=begin, count=count, **size.params())


def _filled(store: Store, size: Size) -> dict[str, float]:
    took = _seconds(lambda: fill(store, size))
    made = int(store.rows("SELECT count() AS n FROM otel_traces")[0]["n"])
    if made != size.spans:
        raise RuntimeError(f"{made:,} spans were made, not {size.spans:,}")
    return {"made, spans/s": size.spans / took}


def _folded(store: Store, size: Size) -> dict[str, float]:
    progress("cases: full rebuild")
    took = _seconds(lambda: rebuild(store))
    cases = int(store.rows("SELECT count() AS n FROM cases FINAL")[0]["n"])
    if cases != size.cases:
        raise RuntimeError(f"{cases:,} cases were folded, not {size.cases:,}")
    figures = {"full rebuild, s": took, "full rebuild, cases/s": size.cases / took}
    scattered = min(_SCATTERED, size.cases)
    folder = Fold(store)
    _late(store, size, scattered, 1)
    figures[f"fold again {scattered:,} scattered cases, s"] = _seconds(folder.fold_pending)
    _late(store, size, 10, 2)
    figures["fold again 10 scattered cases, s"] = _seconds(folder.fold_pending)
    rows = store.rows("SELECT sum(bytes_on_disk) AS n FROM system.parts WHERE active AND database = currentDatabase()")
    figures["bytes on disk a span"] = int(rows[0]["n"]) / size.spans
    return {**figures, "resident at most, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _late(store: Store, size: Size, count: int, turn: int) -> None:
    """A batch with one more step for each of ``count`` cases all over the table."""
    sql = Path(__file__).with_name("cases_late.sql").read_text(encoding="utf-8")
    store.command(sql, at=datetime(2026, 10, 2, tzinfo=UTC), turn=str(turn), cases=size.cases, count=count)


def _asked(store: Store, size: Size) -> dict[str, float]:
    progress("cases: search, trail, trace")
    now = datetime(2026, 10, 8, tzinfo=UTC)
    figures: dict[str, float] = {}
    by_trace = "SELECT * FROM otel_traces WHERE Tenant = 'default' AND TraceId = {trace:String}"
    for kind, ids in _ids(store, size).items():
        figures |= _quantiles(f"search in the store, by {kind}, ms", ids, lambda text: search(store, "default", text))
        figures |= _quantiles(f"trail in the store, by any id ({kind}), ms", ids, lambda text: _told(store, text, now))
    traces = _ids(store, size)["trace"]
    return figures | _quantiles("trace by id, ms", traces, lambda text: store.rows(by_trace, trace=text))


def _told(store: Store, text: str, now: datetime) -> None:
    hit = search(store, "default", text).hits[0]
    trail(store, "default", (hit.case.flow, hit.case.case_id), now)


def _ids(store: Store, size: Size) -> dict[str, list[str]]:
    """The same cases under each of their names."""
    dice = random.Random(7)
    orders = [f"{dice.randrange(size.cases):09}" for _ in range(size.questions)]
    package = "lower(hex(murmurHash3_128(toString(intDiv(toUInt64(number), 2)))))"
    rows = store.rows(
        "SELECT number AS n, lower(hex(MD5(number))) AS trace, "  # noqa: S608 - all ours
        f"concat('PK-', substring({package}, 1, 16)) AS package "
        "FROM (SELECT arrayJoin({orders:Array(String)}) AS number)",
        orders=orders,
    )
    return {
        "order": [f"SO-{row['n']}" for row in rows],
        "item": [f"IT-{row['n']}-1" for row in rows],
        "package": [str(row["package"]) for row in rows],
        "invoice": [f"INV-{row['n']}" for row in rows],
        "trace": [str(row["trace"]) for row in rows],
    }


def _counted(store: Store) -> dict[str, float]:
    progress("cases: KPIs")
    now = instants.parse_rfc3339(_NOW, "bench")
    year = KpiQuery.parse({"from": _FIRST, "to": _NOW}, now)
    weeks = KpiQuery.parse({"from": "2026-08-24T00:00:00Z", "to": "2026-10-05T00:00:00Z"}, now)
    figures = _repeated("KPI page, six weeks, ms", lambda: answers(store, "default", _FLOW, weeks))
    figures |= _repeated("KPI page, every case, ms", lambda: answers(store, "default", _FLOW, year))
    for kpi in KPIS:
        figures |= _repeated(f"{kpi}, every case, ms", lambda kpi=kpi: answer(store, "default", _FLOW, kpi, year))
    return figures


def _over_http(size: Size, folder: Path) -> dict[str, float]:
    """Of the running product, over the folder that was measured before."""
    progress("cases: over HTTP")
    store = open_store(f"chdb://{folder / 'store'}?database=default")
    try:
        ids = _ids(store, size)
    finally:
        store.close()
    figures: dict[str, float] = {}
    with running(folder) as product, httpx.Client(base_url=f"{product.web}/api/v1", timeout=300) as client:
        product.wait_idle(60)

        def told(text: str) -> None:
            hit = client.get("/search", params={"q": text}).raise_for_status().json()["results"][0]
            client.get(f"/flows/{_FLOW}/cases/{hit['case_id']}/trail").raise_for_status()

        for kind, texts in ids.items():
            figures |= _quantiles(f"trail over HTTP, by any id ({kind}), ms", texts, told)
        page = f"/flows/{_FLOW}/kpis?from=2026-08-24&to=2026-10-05"
        figures |= _repeated("KPI page over HTTP, six weeks, ms", lambda: client.get(page).raise_for_status())
    return figures


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _quantiles(name: str, texts: list[str], ask: Callable[[str], object]) -> dict[str, float]:
    took = [1000 * _seconds(lambda text=text: ask(text)) for text in texts]
    p50, p95 = np.percentile(took, [50, 95])
    return {f"{name}, p50": float(p50), f"{name}, p95": float(p95)}


def _repeated(name: str, ask: Callable[[], object]) -> dict[str, float]:
    """Warm: the first answer is not counted."""
    ask()
    took = [1000 * _seconds(ask) for _ in range(_ROUNDS)]
    p50, p95 = np.percentile(took, [50, 95])
    return {f"{name}, p50": float(p50), f"{name}, p95": float(p95)}


@click.command("cases", help=__doc__)
@click.option("--spans", default=SPANS, show_default=True, help="Five to a case.")
@click.option("--questions", default=100, show_default=True, help="Of each kind: so many ids are asked for.")
@click.option("--growth/--no-growth", default=True, help="Measure a tenth of it first, to tell how each figure grows.")
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Folder for the data; default: temporary.")
def command(spans: int, questions: int, *, growth: bool, directory: Path | None) -> dict[str, Any]:
    return run(spans, questions, directory, growth=growth)


if __name__ == "__main__":
    alone(command)
