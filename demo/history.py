"""Weeks of history in seconds: the real services, the real SDK, a simulated clock."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace.export import SpanExporter

from demo.arrivals import Arrival, plan_arrivals
from demo.simulation import HistoryError, Setting, Simulation
from demo.systems.policy import policy_of_history
from demo.truth.truth import Truth, merge, write_truth
from demo.virtual_loop import VirtualTimeLoop

FLUSH_EVERY = 200
FIRST_NUMBER = 1_000_000


@dataclass(frozen=True)
class HistorySummary:
    """What was made; ``outcomes`` counts the orders that ended, by outcome."""

    orders: int
    outcomes: dict[str, int]
    in_flight: int
    spans: int
    start: datetime
    until: datetime
    outage: tuple[datetime, datetime]
    truth_path: Path | None


def make_history(  # noqa: PLR0913 - the knobs of the demo
    endpoint: str,
    until: datetime,
    *,
    weeks: int = 6,
    orders: int = 3000,
    seed: int = 1,
    truth_path: Path | None = None,
    series: int = FIRST_NUMBER,
    exporter: Callable[[str], SpanExporter] | None = None,
    progress: Callable[[float], None] | None = None,
) -> HistorySummary:
    """Send the history of ``orders`` orders to an OTLP/HTTP ``endpoint``; write what really happened to ``truth_path``.

    It runs from the Monday ``weeks`` whole ISO weeks before the week of ``until``, up to ``until``; what is under way
    then stays in flight. The same arguments give the same orders, times and span ids. ``series`` is where number ranges
    begin, ``exporter`` (per system) replaces OTLP, ``progress`` hears the share that is done.

    Raises HistoryError if the collector cannot be reached or does not take everything; ValueError for bad arguments.
    """
    setting = _setting(endpoint, until, weeks, seed, series, exporter)
    if orders < 1:
        raise ValueError(f"a history has at least 1 order, got {orders}")
    arrivals = plan_arrivals(seed, setting.start, setting.until, orders)
    truth, spans = _run(setting, arrivals, progress or (lambda _: None))
    if truth_path:
        write_truth(truth, truth_path)
    outcomes = Counter(order["outcome"] for order in truth["orders"].values() if order["outcome"])
    ended = sum(outcomes.values())
    assert setting.policy.outage  # noqa: S101 - policy_of_history always has one
    return HistorySummary(
        orders=len(truth["orders"]),
        outcomes=dict(sorted(outcomes.items())),
        in_flight=len(truth["orders"]) - ended,
        spans=spans,
        start=setting.start,
        until=setting.until,
        outage=setting.policy.outage,
        truth_path=truth_path,
    )


def _setting(  # noqa: PLR0913, PLR0917 - straight from make_history
    endpoint: str,
    until: datetime,
    weeks: int,
    seed: int,
    series: int,
    exporter: Callable[[str], SpanExporter] | None,
) -> Setting:
    if until.tzinfo is None:
        raise ValueError("until needs a time zone, such as datetime.now(UTC)")
    if weeks < 1:
        raise ValueError(f"a history has at least 1 week, got {weeks}")
    until = until.astimezone(UTC).replace(microsecond=0)
    monday = until.replace(hour=0, minute=0, second=0) - timedelta(days=until.weekday())
    start = monday - timedelta(weeks=weeks)
    return Setting(
        start=start,
        until=until,
        seed=seed,
        series=series,
        policy=policy_of_history(start, until),
        endpoint=endpoint,
        exporter=exporter,
    )


def _run(setting: Setting, arrivals: list[Arrival], progress: Callable[[float], None]) -> tuple[Truth, int]:
    loop = VirtualTimeLoop()
    try:
        return loop.run_until_complete(_simulate(setting, arrivals, progress))
    finally:
        loop.close()


async def _simulate(setting: Setting, arrivals: list[Arrival], progress: Callable[[float], None]) -> tuple[Truth, int]:
    simulation = Simulation(setting)
    try:
        for count, arrival in enumerate(arrivals, 1):
            await simulation.sleep_until(arrival.at)
            await simulation.transport.post("shop", "/orders", arrival.order)
            if count % FLUSH_EVERY == 0:
                simulation.deliver()
                progress(count / len(arrivals))
        await simulation.sleep_until(setting.until)
        simulation.deliver()
    except asyncio.CancelledError as cancelled:
        if not simulation.errors:
            raise
        raise HistoryError(f"the simulation broke: {simulation.errors[0]!r}") from (simulation.errors[0] or cancelled)
    finally:
        await simulation.close()
    return merge(simulation.records, _about(setting)), simulation.exported()


def _about(setting: Setting) -> dict[str, Any]:
    outage = [at.isoformat() for at in setting.policy.outage or ()]
    return {
        "seed": setting.seed,
        "from": setting.start.isoformat(),
        "until": setting.until.isoformat(),
        "outage": outage,
    }
