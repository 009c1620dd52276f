"""``flowtrail store``: work on the embedded store while no server has it open."""

from __future__ import annotations

import sys
from typing import Any

import click

from server.commands.common import data_option, explained
from server.commands.serving import run_until_stopped, serving_settings


@click.group()
def store() -> None:
    """Work on the embedded store. Only one process can have it open: stop ``flowtrail serve`` first."""


@store.command("serve")
@data_option
@click.option("--host", help="Address to bind to (default 127.0.0.1).")
@click.option(
    "--port",
    "sql_port",
    type=click.IntRange(0, 65535),
    default=8123,
    show_default=True,
    help="TCP port; 0: any free one.",
)
@click.option("--writable", is_flag=True, help="Let only its owner in (scope admin), who may also write.")
@explained
def serve(*, writable: bool, **options: Any) -> None:
    """Serve the embedded store over ClickHouse's HTTP interface, for its tools. Read-only without --writable."""
    from server.serve import serve_store  # noqa: PLC0415 - the other commands start faster without it

    settings = serving_settings(**options)
    run_until_stopped(lambda stopping: serve_store(settings, stopping, sys.stdout, writable=writable))
