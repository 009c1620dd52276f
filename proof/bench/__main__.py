"""``make bench``: measure this machine and print the figures beside the targets.

``python -m proof.bench`` lists the sections, ``python -m proof.bench SECTION --help`` the choices of one. Every section
takes ``--json FILE``. Nothing here is asserted by time.
"""

from __future__ import annotations

import sys
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from proof.bench import (
    cases,
    check,
    collector_ack,
    compare,
    importing,
    ingest,
    kpis,
    latency,
    questions,
    redaction,
    sdk_step,
    stages,
    sustained,
)
from proof.bench.tools import targets
from proof.bench.tools.command import section
from proof.bench.tools.load import Load
from proof.bench.tools.report import Report, say

if TYPE_CHECKING:
    from collections.abc import Callable

_OWN: Final = (
    ingest,
    compare,
    stages,
    redaction,
    latency,
    sustained,
    collector_ack,
    questions,
    kpis,
    cases,
    importing,
    sdk_step,
)
_SECTIONS: Final = (
    *(one.command for one in _OWN),
    click.Command("check", callback=check.run, help=check.__doc__),
)


@click.group(help=__doc__)
def main() -> None:
    pass


@main.command("all")
@click.option(
    "--spans",
    default=1_000_000,
    show_default=True,
    help="Spans of each setting of ingest; two fifths of it in compare and stages.",
)
@click.option("--cases", default=kpis.CASES, show_default=True, help="Cases of the KPI page.")
@click.option("--seconds", default=60, show_default=True, help="Length of the sustained load.")
@click.option(
    "--in-flight",
    default=10_000,
    show_default=True,
    help="Cases that advance together in it and in one setting of ingest.",
)
@click.option("--json", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures here too.")
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Folder for the data; default: temporary.")
def everything(
    *, spans: int, cases: int, seconds: int, in_flight: int, json: Path | None, directory: Path | None
) -> None:
    """All sections, then the targets. A section that fails is reported and the others go on."""
    report = Report()
    work: dict[str, Callable[[], Any]] = {
        "ingest": partial(_ingest, spans, in_flight, directory),
        "compare": partial(_compare, 2 * spans // 5, directory),
        "stages": lambda: stages.run(stages.Choice(base=2 * spans // 5, directory=directory)),
        "latency": lambda: [latency.run(latency.Rush(transport), directory) for transport in ingest.TRANSPORTS],
        "sustained": lambda: _sustained(report.found, sustained.Haul(0, seconds, in_flight), directory),
        "collector_ack": lambda: collector_ack.runs(5, directory),
        "check": check.run,
        "redaction": redaction.run,
        "questions": lambda: questions.run(spans, directory),
        "kpis": lambda: kpis.run(cases),
        "importing": importing.run,
        "sdk_step": sdk_step.run,
    }
    failed = [name for name, run in work.items() if not _add(report, name, run)]
    report.add("targets", targets.beside(report.found))
    if json:
        report.save(json)
    if failed:
        say(f"\nFailed: {', '.join(failed)}. What they said is above.")
        sys.exit(1)


def _add(report: Report, name: str, run: Callable[[], Any]) -> bool:
    try:
        report.add(name, run())
    except Exception:  # noqa: BLE001 - an hour of figures must not be lost for one section
        traceback.print_exc()
        return False
    return True


def _ingest(spans: int, in_flight: int, directory: Path | None) -> list[dict[str, Any]]:
    settings = [
        ingest.Setting(transport, Load(size), spans) for transport in ingest.TRANSPORTS for size in ingest.REQUESTS
    ]
    settings.append(ingest.Setting("http", Load(), spans, folding=False))
    settings.append(ingest.Setting("http", Load(in_flight=in_flight), spans))
    return [ingest.run(setting, directory) for setting in settings]


def _compare(spans: int, directory: Path | None) -> list[dict[str, Any]]:
    load = Load()
    races = [
        compare.Race(way, folding, spans, load=load, directory=directory)
        for folding in (False, True)
        for way in compare.WAYS
    ]
    return compare.table(races)


def _sustained(found: dict[str, Any], haul: sustained.Haul, directory: Path | None) -> dict[str, Any]:
    """At 80 % of what the same load was folded at, if that is known already."""
    rates = [row["folded_per_s"] for row in found.get("ingest", ()) if row.get("in_flight") == haul.in_flight]
    rate = sustained.offered(max(rates)) if rates else sustained.found_rate(haul, directory)
    return sustained.run(sustained.Haul(rate, haul.seconds, haul.in_flight), directory)


for one in _SECTIONS:
    main.add_command(section(one))

if __name__ == "__main__":
    main()
