"""``flowtrail demo``: the whole product, and five systems that send real orders through it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import click

from server.commands.common import explained
from server.commands.serving import loading, ports, run_until_stopped, serving_settings


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


@click.command()
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
    help="When the history ends, such as 2026-03-16T07:40:00Z (default: now). Live orders always happen now.",
)
@click.option("--rate", type=float, default=0.5, show_default=True, help="Orders per second that follow.")
@click.option("--exit", "leave", is_flag=True, help="Stop when these orders are through.")
@explained
def demo(*, orders: int, history: int, until: datetime | None, rate: float, leave: bool, **options: Any) -> None:
    """Run everything, with five demo systems that send orders through it, on a new store of its own."""
    with loading():
        from server.commands.demo.run import DemoPlan, run_demo  # noqa: PLC0415

    settings = serving_settings(**options)
    plan = DemoPlan(orders=orders, history=history, rate=rate, leave=leave, until=until)
    run_until_stopped(lambda stopping: run_demo(settings, plan, stopping, sys.stdout))
