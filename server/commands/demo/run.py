"""The demo: Flowtrail on an empty store, its history, the five systems and the orders that they send."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import shutil
import threading
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from collector.durable_log.directory_lock import DirectoryLock
from demo.errors import DemoError
from demo.history import make_history
from demo.run import Demo
from server.authentication import authentication
from server.descriptors import fit_connections
from server.runtime import AllInOne, prepare_store
from server.serve import Out, addresses, say

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from server.settings import Settings

R = TypeVar("R")

LIVE_SERIES = 60_000_000
"""Where the numbers of live orders begin: far above those of any history.

A constant, as the store is a fresh one: the live orders, too, are the same in each run.
"""

_THROUGH_S = 120.0
_SETTLED_S = 60.0


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """``orders`` are pushed at the start, ``history`` lie in the past, ``rate`` per second follow.

    The history ends at ``until``, by default now. Live orders always happen now.
    """

    orders: int
    history: int
    rate: float
    leave: bool
    until: datetime | None = None


async def run_demo(settings: Settings, plan: DemoPlan, stopping: asyncio.Event, out: Out) -> None:
    """Start Flowtrail and the demo and push the orders; then send more until stopped, or leave with ``plan.leave``."""
    folder = settings.data / "demo"
    # A key of a real server would be refused here: the demo has keys and a store of its own.
    os.environ.pop("FLOWTRAIL_KEY", None)
    own = {"data": folder / "data", "flows": str(_flows()), "database": "", "require_keys": False}
    settings = settings.model_copy(update={**own, "bootstrap_key": settings.bootstrap_key or settings.api_key})
    async with _server(settings, folder, out) as parts:
        endpoint = f"http://{settings.host}:{parts.ingest.collector.http_port}"
        demo = Demo(endpoint, folder / "systems", series=LIVE_SERIES)
        try:
            await _unless_stopped(stopping, asyncio.to_thread(demo.start))
            await _unless_stopped(
                stopping, asyncio.gather(_history(endpoint, folder, plan, out), _orders(demo, plan, out))
            )
            await _unless_stopped(stopping, _settled(parts))
            _print_address(parts, settings, demo, out)
            if not plan.leave:
                await _trickle(demo, plan, stopping, out)
        except _Stopped:
            say(out, "Stopping.")
        finally:
            await asyncio.to_thread(demo.stop)
            await _settled(parts)
    say(
        out,
        f"Stopped. The records of the systems are in {folder}. To look again: flowtrail serve --data {settings.data}",
    )


class _Stopped(Exception):
    """The demo was stopped while something was under way."""


@contextlib.asynccontextmanager
async def _server(settings: Settings, folder: Path, out: Out) -> AsyncIterator[AllInOne]:
    """Flowtrail over an empty store: the histories of two runs have the same order numbers."""
    # Raises if a demo runs here already: its store must not be deleted.
    DirectoryLock(settings.collector().log_dir).close()
    shutil.rmtree(folder, ignore_errors=True)
    settings = fit_connections(settings)
    store = await asyncio.to_thread(prepare_store, settings)
    try:
        with authentication(settings) as access:
            parts = AllInOne(settings, store, access)
            await parts.start()
            try:
                say(out, addresses(settings, parts))
                yield parts
            finally:
                await parts.stop()
    finally:
        store.close()


async def _history(endpoint: str, folder: Path, plan: DemoPlan, out: Out) -> None:
    if not plan.history:
        return
    say(out, f"Making six weeks of history with {plan.history:,} orders …")
    until = plan.until or datetime.now(UTC)
    work = partial(make_history, endpoint, until, orders=plan.history, truth_path=folder / "history-truth.json")
    # In another process: making it is all Python, which would slow down the server in this one.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        summary = await _abandonable(pool, work)
    ended = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(summary.outcomes.items()))
    say(out, f"The history is ready: {summary.spans:,} spans; {ended}, {summary.in_flight:,} in flight.")


async def _abandonable(pool: Executor, work: Callable[[], R]) -> R:
    """The result of ``work`` in ``pool``; a cancellation ends its processes instead of waiting for them."""
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, work)
    except asyncio.CancelledError:
        for process in multiprocessing.active_children():
            process.terminate()
        raise


async def _orders(demo: Demo, plan: DemoPlan, out: Out) -> None:
    say(out, f"Five systems are running; pushing {plan.orders:,} orders through them …")
    await asyncio.to_thread(demo.push, plan.orders)
    if not await asyncio.to_thread(demo.wait_until_through, _THROUGH_S + plan.orders):
        raise DemoError(f"These orders did not get through in time: {', '.join(demo.under_way())}")


async def _settled(parts: AllInOne) -> None:
    """Wait until everything that was sent is stored and its cases are folded."""
    deadline = asyncio.get_running_loop().time() + _SETTLED_S
    while asyncio.get_running_loop().time() < deadline:
        if parts.ingest.collector.pending_bytes == 0 and parts.ingest.fold.idle:
            return
        await asyncio.sleep(0.1)


def _print_address(parts: AllInOne, settings: Settings, demo: Demo, out: Out) -> None:
    web = f"http://{settings.host}:{parts.web.port if parts.web else settings.port}"
    order = demo.interesting_order()
    say(out, f"\n  Open  {web}\n  Try   {order}  (an approval, retries and a shared package)\n")


async def _trickle(demo: Demo, plan: DemoPlan, stopping: asyncio.Event, out: Out) -> None:
    say(out, "More orders follow. Ctrl-C stops everything.")
    stop = threading.Event()
    trickling = asyncio.create_task(asyncio.to_thread(demo.trickle, plan.rate, stop))
    await asyncio.wait([trickling, asyncio.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await trickling


async def _unless_stopped(stopping: asyncio.Event, work: object) -> None:
    """Wait for ``work``; raise ``_Stopped`` as soon as ``stopping`` is set."""
    task = asyncio.ensure_future(work)  # type: ignore[call-overload]
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not task.done():
        task.cancel()
        raise _Stopped
    await task


def _flows() -> Path:
    return Path(str(resources.files("demo").joinpath("flows")))
