"""``make oracle``: import five real logs into a fresh Flowtrail and compare every known figure of them.

Each figure stands there three times: as Flowtrail tells it, as pandas computes it straight from the files, and as it
was published, where it was. Exit code 1 when they differ.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import click

from proof.oracle.figures import figures
from proof.oracle.logs import LOGS
from proof.oracle.product import bring_in, running
from proof.oracle.published import published
from proof.oracle.table import HEAD, lines, shown


@click.command(help=__doc__)
@click.option("--data", required=True, type=click.Path(path_type=Path, exists=True), help="Folder of the five logs.")
@click.option("--keep", type=click.Path(path_type=Path), help="Empty folder for the imported cases, kept afterwards.")
def main(data: Path, keep: Path | None) -> None:
    missing = [log.file for log in LOGS if not (data / log.file).exists()]
    if missing:
        raise click.ClickException(f"{data} lacks {', '.join(missing)}. These are the logs of the BPI Challenge 2020.")
    with tempfile.TemporaryDirectory() as scratch:
        began = time.monotonic()
        click.echo(bring_in(data, keep or Path(scratch) / "data"))
        click.echo(f"Imported and folded in {time.monotonic() - began:.0f} s.\n")
        began = time.monotonic()
        with running(keep or Path(scratch) / "data") as product:
            ours = product.figures()
        click.echo(f"Asked in {time.monotonic() - began:.0f} s.\n")
    found = list(lines(ours, figures(data), published()))
    click.echo("\n".join([HEAD, *map(shown, found)]))
    different = sum(not line.equal for line in found)
    click.echo(f"\n{len(found)} figures, {different} different.")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
