"""``flowtrail probe``: sends known cases to a running Flowtrail and checks that they come back whole."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from server.commands.common import data_option, explained, key_option, settings_with

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from server.probe.tally import Tally


@click.command("probe")
@click.option("--otlp-url", default="", help="Address of OTLP/HTTP. Default: the one on the data directory.")
@click.option("--api-url", default="", help="Address of the query API. Default: the one on the data directory.")
@key_option("the scopes ingest and read")
@click.option("--cases", type=click.IntRange(1, 1000), default=5, show_default=True, help="Cases per round.")
@click.option(
    "--deadline",
    type=click.FloatRange(0.1),
    default=10.0,
    show_default=True,
    help="Seconds after which a case is late.",
)
@click.option("--continuous", is_flag=True, help="Repeat rounds until Ctrl-C.")
@click.option("--every", type=click.FloatRange(0), default=10.0, show_default=True, help="Seconds between rounds.")
@data_option
@explained
def probe(*, otlp_url: str, api_url: str, key: str, data: Path | None, continuous: bool, **how: Any) -> None:
    """Send known cases to a running Flowtrail and check that they come back by id, in search, in the trail, in KPIs.

    Exit code 1 when a case was missed or could not be sent.
    """
    from server.probe.api import Api  # noqa: PLC0415 - the other commands start faster without it
    from server.probe.known_case import open_senders  # noqa: PLC0415
    from server.probe.round import Round  # noqa: PLC0415
    from server.running import api_address, expect_collector  # noqa: PLC0415

    settings = settings_with(data=data)
    api_url = api_url or api_address(settings.data)
    otlp_url = otlp_url or expect_collector(settings.data, "--otlp-url")
    for name in ("opentelemetry", "flowtrail"):  # what they warn of is in the counts
        logging.getLogger(name).setLevel(logging.CRITICAL)
    stopping = _stopping()
    probe_round = Round(how["cases"], how["deadline"], sleep=_sleeper(stopping), stopped=stopping.is_set)
    senders = open_senders(otlp_url, key, how["deadline"])
    with Api(api_url, key) as api:
        try:
            total = _rounds(lambda: probe_round.run(api, senders), how["every"] if continuous else None, stopping)
        finally:
            senders.close()
    _print(total.table())
    sys.exit(0 if total.sound else 1)


def _rounds(run: Callable[[], Tally], every_s: float | None, stopping: threading.Event) -> Tally:
    """Run one round, or with ``every_s`` one after the other until stopped; the counts of all of them."""
    total = run()
    _print(total.wrong)
    while every_s is not None and not stopping.is_set():
        _print([f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}  {total.summary()}"])
        if not stopping.wait(every_s):
            tally = run()
            _print(tally.wrong)
            total.add(tally)
    return total


def _stopping() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set, so that the counts are printed at the end as well."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _sleeper(stopping: threading.Event) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        stopping.wait(seconds)

    return sleep


def _print(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)
