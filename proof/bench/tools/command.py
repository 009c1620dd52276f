"""How a section is run by itself: ``python -m proof.bench.<section>``, or ``python -m proof.bench <section>``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proof.bench.tools.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable


def section(command: click.Command) -> click.Command:
    """``command``, whose callback returns figures, as one that prints them and takes ``--json FILE``."""
    work: Callable[..., Any] = command.callback  # type: ignore[assignment]

    def shown(json: Path | None, **choices: Any) -> None:
        report = Report()
        report.add(str(command.name), work(**choices))
        if json:
            report.save(json)

    file = click.Option(["--json"], type=click.Path(path_type=Path, dir_okay=False), help="Write the figures here too.")
    return click.Command(command.name, callback=shown, params=[*command.params, file], help=command.help)


def alone(command: click.Command) -> None:
    section(command)()
