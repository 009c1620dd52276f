"""The ``flowtrail`` command."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine  # noqa: TC003 - the decorators need them at run time
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from cases.errors import CasesError
from collector.errors import CollectorError, PortTaken
from demo.children import DemoError
from server.settings import Settings
from store.errors import StoreError

P = ParamSpec("P")
R = TypeVar("R")

# How to choose another port, by the setting that a part names.
_PORTS = {
    "FLOWTRAIL_PORT": "--port or FLOWTRAIL_PORT",
    "http_port": "--otlp-http-port or FLOWTRAIL_OTLP_HTTP_PORT",
    "grpc_port": "--otlp-grpc-port or FLOWTRAIL_OTLP_GRPC_PORT",
}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flowtrail-server", prog_name="flowtrail")
def main() -> None:
    """Follow one business case through every system that touches it."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


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


def settings_with(**overrides: Any) -> Settings:
    """The settings of the environment, with the options that were given in their place."""
    return Settings(**{name: value for name, value in overrides.items() if value is not None})


def explained(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose expected errors end in a sentence and exit code 1, not in a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except PortTaken as error:
            how = _PORTS.get(error.setting, error.setting)
            raise click.ClickException(
                f"Port {error.port} is in use by another program. Choose another: {how}."
            ) from None
        except (CollectorError, StoreError, CasesError, DemoError) as error:
            raise click.ClickException(str(error)) from None

    return run


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
    from server.serve import serve_all  # noqa: PLC0415 - the other commands start faster without it

    settings = settings_with(**options)
    run_until_stopped(lambda stopping: serve_all(settings, stopping, sys.stdout))


@main.command()
@ports
@explained
def collector(**options: Any) -> None:
    """Run the collector and the fold alone, on a ClickHouse server."""
    from server.serve import serve_collector  # noqa: PLC0415

    settings = settings_with(**options)
    run_until_stopped(lambda stopping: serve_collector(settings, stopping, sys.stdout))


@main.command()
@ports
@explained
def api(**options: Any) -> None:
    """Run the query API alone, on a ClickHouse server."""
    from server.serve import serve_api  # noqa: PLC0415

    settings = settings_with(**options)
    run_until_stopped(lambda stopping: serve_api(settings, stopping, sys.stdout))


@main.command()
@ports
@click.option("--api-url", help="Address of the query API, such as http://127.0.0.1:8081.")
@explained
def ui(**options: Any) -> None:
    """Run the dashboards alone, over a query API elsewhere."""
    from server.serve import serve_ui  # noqa: PLC0415

    settings = settings_with(**options)
    if not settings.api_url:
        raise click.UsageError("The UI needs the address of a query API: --api-url or FLOWTRAIL_API_URL.")
    run_until_stopped(lambda stopping: serve_ui(settings, stopping, sys.stdout))


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
@click.option("--rate", type=float, default=0.5, show_default=True, help="Orders a second that trickle in afterwards.")
@click.option("--exit", "leave", is_flag=True, help="Stop when the orders are through.")
@explained
def demo(*, orders: int, history: int, rate: float, leave: bool, **options: Any) -> None:
    """Run everything with five demo systems that send orders through it, in a fresh store of its own."""
    from server.demo import DemoPlan, run_demo  # noqa: PLC0415

    settings = settings_with(**options)
    plan = DemoPlan(orders=orders, history=history, rate=rate, leave=leave)
    run_until_stopped(lambda stopping: run_demo(settings, plan, stopping, sys.stdout))


@main.group()
def cases() -> None:
    """Work on cases. The embedded store must not be in use: stop ``flowtrail serve`` first."""


_DATA = click.option("--data", type=click.Path(path_type=Path), help="Folder of store and log (default .flowtrail).")


@cases.command("rebuild")
@_DATA
@explained
def cases_rebuild(**options: Any) -> None:
    """Fold every case again from all events, and replace what is there."""
    from server.maintenance import rebuild_cases  # noqa: PLC0415

    click.echo(f"{rebuild_cases(settings_with(**options)):,} cases rebuilt.")


@cases.command("verify")
@_DATA
@explained
def cases_verify(**options: Any) -> None:
    """Recompute every case from all events and report each difference; exit code 1 when there is one."""
    from server.maintenance import verify_cases  # noqa: PLC0415

    found = verify_cases(settings_with(**options))
    for difference in found.differences:
        columns = f" ({', '.join(difference.columns)})" if difference.kind == "changed" else ""
        click.echo(f"{difference.kind}: {difference.tenant} {difference.flow} {difference.case_id}{columns}")
    click.echo(
        f"{found.cases:,} cases recomputed: {len(found.differences):,} cases, {found.links:,} links and "
        f"{found.reach:,} reached ids differ."
    )
    sys.exit(0 if found.agrees else 1)


@main.group("dead-letters")
def dead_letters() -> None:
    """See and replay what the collector could not store."""


@dead_letters.command("list")
@_DATA
@explained
def dead_letters_list(**options: Any) -> None:
    """One line for each dead letter, oldest first: id, origin, tenant, spans, bytes, reason."""
    from server.dead_letters import list_letters  # noqa: PLC0415

    found = list_letters(settings_with(**options).collector())
    for letter in found:
        about = (letter.id, letter.origin, letter.tenant or "-", f"{letter.spans:,} spans", f"{letter.size:,} bytes")
        click.echo("  ".join((*about, " ".join(letter.reason.split()))))
    click.echo(f"{len(found):,} dead letters.")


@dead_letters.command("replay")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@_DATA
@explained
def dead_letters_replay(*, ids: tuple[str, ...], **options: Any) -> None:
    """Put dead letters (all by default) into the durable log again; the next start of the collector stores them.

    The collector must not run: stop ``flowtrail serve`` first. Exit code 1 when a letter could not be taken.
    """
    from server.dead_letters import replay_letters  # noqa: PLC0415

    outcome = replay_letters(settings_with(**options).collector(), ids)
    for letter_id, reason in outcome.kept:
        click.echo(f"kept {letter_id}: {reason}")
    click.echo(f"{len(outcome.taken):,} dead letters replayed, {len(outcome.kept):,} kept.")
    sys.exit(1 if outcome.kept else 0)
