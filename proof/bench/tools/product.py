"""The running product as a benchmark sees it: from outside, over its ports and through Linux."""

from __future__ import annotations

import re
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx

from proof.bench.tools import process
from store.client import Store, open_store
from tests.e2e.running import Flowtrail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from proof.bench.tools.load import Load

_METRIC: Final = re.compile(r"^(flowtrail_\w+) ([\d.e+-]+)$", re.MULTILINE)
_PENDING: Final = "flowtrail_collector_log_pending_bytes"
_UNFOLDED_BATCHES: Final = "flowtrail_fold_pending_batches"
_UNFOLDED: Final = (sys.executable, "-m", "proof.bench.tools.unfolded")


class Product:
    """``flowtrail serve`` over ``data``; ``folding`` off runs it without its folds."""

    def __init__(self, server: Flowtrail, data: Path) -> None:
        self.data = data
        self.web = server.web
        self.pid = server.pid
        self.addresses = {"http": server.otlp.removeprefix("http://"), "grpc": server.grpc}
        self._otlp = server.otlp

    def cpu_s(self) -> float:
        return process.cpu_s(self.pid)

    def merge_s(self) -> float:
        """CPU seconds of the threads that merge parts."""
        return process.threads_s(self.pid)[process.MERGE_THREADS]

    def metrics(self) -> dict[str, float]:
        """What ``/metrics`` says now, without the metrics that have labels."""
        text = httpx.get(f"{self._otlp}/metrics", timeout=60).raise_for_status().text
        return {name: float(value) for name, value in _METRIC.findall(text)}

    def pending_bytes(self) -> float:
        """Bytes acknowledged and not yet stored."""
        return self.metrics()[_PENDING]

    def unfolded(self) -> float:
        """Batches that are stored and whose cases are not folded yet."""
        return self.metrics().get(_UNFOLDED_BATCHES, 0.0)

    def folded(self) -> tuple[int, int]:
        """How many cases can be asked for, and how many of them are known to be finished."""
        flows = httpx.get(f"{self.web}/api/v1/flows", timeout=300).raise_for_status().json()["flows"]
        cases = sum(int(flow["cases"]) for flow in flows)
        return cases, cases - sum(int(flow["in_flight"]) for flow in flows)

    def wait_stored(self) -> None:
        while self.pending_bytes():
            time.sleep(0.05)

    def wait_folded(self, load: Load, spans: int, within_s: float = 3600) -> None:
        """Return once the first ``spans`` spans of ``load`` are folded: every case is there, and every end is seen."""
        wanted = (load.cases(spans), load.finished(spans))
        deadline = time.monotonic() + within_s
        # Counting all cases costs the server something, so it is asked only when no batch seems to wait.
        while self.unfolded() or self.folded() != wanted:
            if time.monotonic() > deadline:
                raise RuntimeError(f"(cases, finished) are {self.folded()}, not {wanted}, after {within_s:.0f} s")
            time.sleep(0.2)

    def wait_idle(self, within_s: float = 300) -> None:
        """Return once the process rests: nothing left to merge."""
        deadline = time.monotonic() + within_s
        rested = 0
        while rested < 3 and time.monotonic() < deadline:
            before = self.cpu_s()
            time.sleep(0.5)
            rested = rested + 1 if self.cpu_s() - before < 0.05 else 0


@contextmanager
def running(folder: Path, settings: dict[str, str] | None = None, *, folding: bool = True) -> Iterator[Product]:
    """The product over an empty ``folder``, until the end of the block."""
    program: dict[str, Any] = {} if folding else {"program": _UNFOLDED}
    with Flowtrail(folder, settings=settings, **program) as server:
        yield Product(server, folder)


def sizes(data: Path, spans: int) -> dict[str, Any]:
    """Bytes on disk a span of a product that is not running, as its merges left it, and its exact number of spans."""
    store = open_store(f"chdb://{data / 'store'}")
    try:
        tables = _bytes(store, spans, "table", "bytes_on_disk", "system.parts")
        columns = _bytes(store, spans, "concat(table, '.', column)", "column_bytes_on_disk", "system.parts_columns")
        stored = store.rows("SELECT count() AS spans FROM otel_traces")[0]["spans"]
    finally:
        store.close()
    return {
        "spans_in_store": stored,
        "bytes_per_span": sum(tables.values()),
        "bytes_per_span_by_table": {name: size for name, size in tables.items() if size >= 0.05},
        "bytes_per_span_by_column": {name: size for name, size in columns.items() if size >= 1},
    }


def _bytes(store: Store, spans: int, name: str, column: str, table: str) -> dict[str, float]:
    rows = store.rows(
        f"SELECT {name} AS name, sum({column}) / {{spans:UInt64}} AS bytes FROM {table} "  # noqa: S608 - all ours
        "WHERE active AND database = currentDatabase() GROUP BY name ORDER BY bytes DESC",
        spans=spans,
    )
    return {row["name"]: row["bytes"] for row in rows}
