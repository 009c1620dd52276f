"""``flowtrail store``: the embedded store by itself, while no server runs on it."""

from __future__ import annotations

import sys
from typing import Any

import click

from server.commands.common import data_option, explained, settings_with
from server.commands.serving import run_until_stopped


@click.group()
def store() -> None:
    """Work on the embedded store. It must not be in use: stop ``flowtrail serve`` first."""


@store.command("serve")
@data_option
@click.option("--host", help="Address to bind to (default 127.0.0.1).")
@click.option(
    "--port", "sql_port", type=click.IntRange(0, 65535), default=8123, show_default=True, help="TCP port; 0 = any free."
)
@click.option("--writable", is_flag=True, help="Let the store's owner (scope admin) in, to write too; no readers.")
@explained
def serve(*, writable: bool, **options: Any) -> None:
    """Offer the embedded store to tools that speak ClickHouse's HTTP interface. Read-only unless told otherwise."""
    from server.serve import serve_store  # noqa: PLC0415 - the other commands start faster without it

    settings = settings_with(**options)
    run_until_stopped(lambda stopping: serve_store(settings, stopping, sys.stdout, writable=writable))
