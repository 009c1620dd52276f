"""How long the KPI page (all KPIs by week, or some) takes over many cases, asked through ``cases.kpis``.

The cases are a year of one flow, written into an empty embedded store. Each question is asked as the page asks it, with
the engine's caches warm, of a flow that declares what every KPI needs. ``default``: the last six weeks and the current
one, ``some``: four KPIs of it. ``year``: every case is in the window.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from cases import instants
from cases.flows.declarations import Calendar, Declaration, Routing
from cases.kpis import DEFINITIONS, KpiQuery, answer, answers
from proof.bench.tools.command import alone
from proof.bench.tools.report import progress
from store.client import Store, open_store
from store.migrate import migrate

CASES = 2_000_000
ROUNDS = 20
TARGET_MS = 500
_FROM, _TO = "2025-01-01T00:00:00Z", "2025-12-31T00:00:00Z"
_BLOCK = 250_000
_SOME = ("touchless-rate", "time-to-fulfil", "errors-per-1000", "retries")
_FLOW = "order-to-cash"
_OFFICE = (((9 * 60, 17 * 60),),) * 5 + ((), ())
_DECLARED = Declaration(
    _FLOW,
    "1",
    "order",
    (),
    routing=Routing("channel", ("web", "edi"), ("phone",), ("segment",)),
    sla_s=3 * 86_400,
    touchless_target=0.8,
    calendar=Calendar("UTC", 1, _OFFICE),
)
_QUESTIONS: dict[str, dict[str, str | None]] = {
    "default": {},
    "default_by_channel": {"group_by": "channel"},
    "year": {"from": _FROM, "to": _TO},
    "year_by_channel": {"from": _FROM, "to": _TO, "group_by": "channel"},
}


def run(cases: int = CASES) -> dict[str, Any]:
    """Milliseconds for all KPIs of each question (p50, p95) and for each KPI of the default one (p50)."""
    progress(f"kpis: {cases:,} cases are made first")
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"chdb://{folder}/store")
        try:
            migrate(store)
            fill(store, cases)
            return {"cases": cases, "cores": os.cpu_count(), "target_p95_ms": TARGET_MS, **_measure(store)}
        finally:
            store.close()


def fill(store: Store, cases: int) -> None:
    """A year of ``cases`` in blocks of a quarter million, as they come: parts that the engine has not merged to one."""
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    first, last = (instants.parse_rfc3339(text, "bench") for text in (_FROM, _TO))
    store.command(sql, cases=cases, first_start=first, last_start=last, block=_BLOCK)


def _measure(store: Store) -> dict[str, Any]:
    now = instants.parse_rfc3339(_TO, "bench")
    pages = {
        name: _times(lambda raw=raw: answers(store, "default", _FLOW, KpiQuery.parse(raw, now), _DECLARED))
        for name, raw in _QUESTIONS.items()
    }
    query = KpiQuery.parse({}, now)
    pages["some"] = _times(lambda: answers(store, "default", _FLOW, query, _DECLARED, _SOME))
    kpis = {
        kpi: _times(lambda kpi=kpi: answer(store, "default", _FLOW, kpi, query, _DECLARED))["p50_ms"]
        for kpi in DEFINITIONS
    }
    counted = {name: _counted(store, raw, now) for name, raw in _QUESTIONS.items()}
    parts = store.rows("SELECT count() AS n FROM system.parts WHERE active AND table = 'cases'")[0]["n"]
    return {"parts": parts, "page": pages, "cases_in_window": counted, "default_by_kpi_p50_ms": kpis}


def _counted(store: Store, raw: dict[str, str | None], now: int) -> int:
    return answer(store, "default", _FLOW, "errors-per-1000", KpiQuery.parse(raw, now)).n


def _times(ask: Any) -> dict[str, float]:
    ask()
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begin) * 1000)
    return {
        "p50_ms": round(statistics.median(taken)),
        "p95_ms": round(statistics.quantiles(taken, n=20, method="inclusive")[-1]),
    }


@click.command("kpis", help=__doc__)
@click.option("--cases", default=CASES, show_default=True)
def command(cases: int) -> dict[str, Any]:
    return run(cases)


if __name__ == "__main__":
    alone(command)
