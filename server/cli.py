"""The ``flowtrail`` command."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator  # noqa: TC003 - the decorators need them at run time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from server.commands.cases.command import cases
from server.commands.common import explained, settings_with
from server.commands.dead_letters.command import deadletters
from server.commands.export.command import export
from server.commands.flows.command import flows
from server.commands.import_.command import import_
from server.commands.keys import keys
from server.commands.policy.command import policy
from server.commands.store import store
from server.commands.verify import verify

R = TypeVar("R")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flowtrail-server", prog_name="flowtrail")
def main() -> None:
    """Follow one business case through every system that touches it."""


def ports(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose where to listen and where the data are; each overrides its environment variable."""
    for option in (
        click.option("--port", type=int, help="TCP port of UI and query API (default 8080, 0 = any free one)."),
        click.option("--otlp-http-port", type=int, help="TCP port of OTLP/HTTP (default 4318, 0 = any free one)."),
        click.option("--otlp-grpc-port", type=int, help="TCP port of OTLP/gRPC (default 4317, 0 = any free one)."),
        click.option("--host", help="Address to bind to (default 127.0.0.1)."),
        click.option("--data", type=click.Path(path_type=Path), help="Folder of store and log (default .flowtrail)."),
    ):
        command = option(command)
    return command


@contextmanager
def loading() -> Iterator[None]:
    """Imports without the search for garbage, which takes an eighth of their time; what they bring stays anyway."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, R]]) -> R:
    """Run ``work`` with an event that is set at the first Ctrl-C or SIGTERM."""

    async def go() -> R:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        return await work(stopping)

    return asyncio.run(go())


@main.command()
@ports
@explained
def serve(**options: Any) -> None:
    """Run everything in one process: collector, store, query API and dashboards."""
    with loading():
        from server.serve import serve_all  # noqa: PLC0415 - the other commands start faster without it

    settings = settings_with(**options)
    run_until_stopped(lambda stopping: serve_all(settings, stopping, sys.stdout))


@main.command()
@ports
@explained
def collector(**options: Any) -> None:
    """Run the collector and the fold alone, on a ClickHouse server."""
    with loading():
        from server.serve import serve_collector  # noqa: PLC0415

    settings = settings_with(**options)
    run_until_stopped(lambda stopping: serve_collector(settings, stopping, sys.stdout))


@main.command()
@ports
@explained
def api(**options: Any) -> None:
    """Run the query API alone, on a ClickHouse server."""
    with loading():
        from server.serve import serve_api  # noqa: PLC0415

    settings = settings_with(**options)
    run_until_stopped(lambda stopping: serve_api(settings, stopping, sys.stdout))


@main.command()
@ports
@click.option("--api-url", help="Address of the query API, such as http://127.0.0.1:8081.")
@explained
def ui(**options: Any) -> None:
    """Run the dashboards alone, over a query API elsewhere."""
    with loading():
        from server.serve import serve_ui  # noqa: PLC0415

    settings = settings_with(**options)
    if not settings.api_url:
        raise click.UsageError("The UI needs the address of a query API: --api-url or FLOWTRAIL_API_URL.")
    run_until_stopped(lambda stopping: serve_ui(settings, stopping, sys.stdout))


def past_instant(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    """The instant that an option names: with a time zone, since 2000 and not in the future."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise click.BadParameter(f"{text!r} is not an instant with a time zone. Write it as 2026-03-16T07:40:00Z.")
    if not datetime(2000, 1, 1, tzinfo=UTC) <= instant <= datetime.now(UTC):
        raise click.BadParameter(f"{text!r} does not lie between 2000 and now.")
    return instant


@main.command()
@ports
@click.option("--orders", type=click.IntRange(min=1), default=20, show_default=True, help="Orders pushed at the start.")
@click.option(
    "--history",
    type=click.IntRange(min=0),
    default=1500,
    show_default=True,
    help="Orders of the past weeks; 0 is none.",
)
@click.option(
    "--until",
    callback=past_instant,
    metavar="INSTANT",
    help="When the history ends, such as 2026-03-16T07:40:00Z (default: now). The live orders happen now all the same.",
)
@click.option("--rate", type=float, default=0.5, show_default=True, help="Orders a second that trickle in afterwards.")
@click.option("--exit", "leave", is_flag=True, help="Stop when the orders are through.")
@explained
def demo(*, orders: int, history: int, until: datetime | None, rate: float, leave: bool, **options: Any) -> None:
    """Run everything with five demo systems that send orders through it, in a fresh store of its own."""
    with loading():
        from server.commands.demo import DemoPlan, run_demo  # noqa: PLC0415

    settings = settings_with(**options)
    plan = DemoPlan(orders=orders, history=history, rate=rate, leave=leave, until=until)
    run_until_stopped(lambda stopping: run_demo(settings, plan, stopping, sys.stdout))


main.add_command(keys)
main.add_command(cases)
main.add_command(deadletters)
main.add_command(flows)
main.add_command(export)
main.add_command(import_)
main.add_command(verify)
main.add_command(policy)
main.add_command(store)
