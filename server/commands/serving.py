"""``flowtrail serve``, ``collector``, ``api`` and ``ui``: the commands that run until they are stopped."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator  # noqa: TC003 - the decorators need it at run time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from server.commands.common import data_option, explained, settings_with

if TYPE_CHECKING:
    from server.settings import Settings

R = TypeVar("R")


def ports(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose ports and the data directory; each overrides its environment variable."""
    for option in (
        click.option("--port", type=int, help="TCP port of UI and query API (default 8080; 0: any free one)."),
        click.option("--otlp-http-port", type=int, help="TCP port of OTLP/HTTP (default 4318; 0: any free one)."),
        click.option("--otlp-grpc-port", type=int, help="TCP port of OTLP/gRPC (default 4317; 0: any free one)."),
        click.option("--host", help="Address to bind to (default 127.0.0.1)."),
        data_option,
    ):
        command = option(command)
    return command


def serving_settings(**options: Any) -> Settings:
    """As ``settings_with``. Raises click.UsageError also if no port of this machine can be bound to the host."""
    settings = settings_with(**options)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.bind((settings.host, 0))
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that DNS cannot have
        reason = error.strerror if isinstance(error, OSError) else error
        raise click.UsageError(
            f"{settings.host!r} is not an address of this machine: {reason}. "
            "Give --host or FLOWTRAIL_HOST one of its addresses, or 0.0.0.0 for all of them."
        ) from None
    return settings


@contextmanager
def loading() -> Iterator[None]:
    """Switch garbage collection off during imports: it takes an eighth of their time and finds nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # modules live to the end, so no later collection needs to look at them
        gc.enable()


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, R]]) -> R:
    """Run ``work`` with an event that Ctrl-C and SIGTERM set."""

    async def go() -> R:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        return await work(stopping)

    return asyncio.run(go())


@click.command()
@ports
@explained
def serve(**options: Any) -> None:
    """Run everything in one process: collector, store, query API and dashboards."""
    with loading():
        from server.serve import serve_all  # noqa: PLC0415 - the other commands start faster without it

    settings = serving_settings(**options)
    run_until_stopped(lambda stopping: serve_all(settings, stopping, sys.stdout))


@click.command()
@ports
@explained
def collector(**options: Any) -> None:
    """Run only the collector and the fold, on a ClickHouse server."""
    with loading():
        from server.serve import serve_collector  # noqa: PLC0415

    settings = serving_settings(**options)
    run_until_stopped(lambda stopping: serve_collector(settings, stopping, sys.stdout))


@click.command()
@ports
@explained
def api(**options: Any) -> None:
    """Run only the query API, on a ClickHouse server."""
    with loading():
        from server.serve import serve_api  # noqa: PLC0415

    settings = serving_settings(**options)
    run_until_stopped(lambda stopping: serve_api(settings, stopping, sys.stdout))


@click.command()
@ports
@click.option("--api-url", help="Address of the query API, such as http://127.0.0.1:8081.")
@explained
def ui(**options: Any) -> None:
    """Run only the dashboards, on a query API that runs elsewhere."""
    with loading():
        from server.serve import serve_ui  # noqa: PLC0415

    settings = serving_settings(**options)
    if not settings.api_url:
        raise click.UsageError("The UI needs the address of a query API: --api-url or FLOWTRAIL_API_URL.")
    run_until_stopped(lambda stopping: serve_ui(settings, stopping, sys.stdout))
