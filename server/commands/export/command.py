"""``flowtrail export``: cases as a file that other tools read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from server.commands.common import data_option, explained, settings_with

_FORMATS = ("csv", "parquet", "ocel-json", "otlp-json")


@click.command("export")
@click.option("--flow", required=True, help="Name of the flow.")
@click.option("--case", "case_id", help="Only this case.")
@click.option("--from", "since", help="Start of the window: a date, or RFC 3339. Default: the last six weeks.")
@click.option("--to", help="End of the window, not included.")
@click.option("--tz", help="IANA time zone in which days begin. Default: the flow's own, else UTC.")
@click.option("--kpi", help="Only the cases that this KPI counts, such as touchless-rate.")
@click.option("--band", help="A part of them, such as touched; or in_flight, finished.")
@click.option("--group", help='Only a group, as JSON: {"channel":"web"}.')
@click.option("--bucket", help="Only a bucket of the window: its start, as bucket_start says it.")
@click.option("--group-by", help="The grouping that the group belongs to.")
@click.option("--interval", help="The length of the buckets.")
@click.option("--as-of", help="RFC 3339: count cases as they were then.")
@click.option("--format", "wanted", type=click.Choice(_FORMATS), default="csv", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File. Default: standard output.")
@click.option("--url", default="", help="Address of a query API, such as http://127.0.0.1:8080.")
@click.option("--key", envvar="FLOWTRAIL_KEY", default="", help="Key with the scope read (FLOWTRAIL_KEY).")
@data_option
@explained
def export(*, output: Path | None, url: str, key: str, data: Path | None, **options: Any) -> None:
    """Write the events of a case, or of many cases, to a file.

    The options are the words of the query API: what lists the cases behind a figure also exports them. CSV and Parquet
    have a row for each event of each case; OCEL 2.0 keeps cases, ids and links as objects, for process mining tools;
    OTLP JSON is what was sent, and comes in again with flowtrail import, exactly.

    While Flowtrail runs on this machine it is asked; else the folder of --data is opened.
    """
    from server.commands.export.source import Wish, pieces  # noqa: PLC0415 - the help is there faster without it

    wish = Wish(options.pop("flow"), options.pop("case_id"), options.pop("wanted"), options)
    settings = settings_with(data=data)
    written = 0
    with pieces(settings, wish, url, key) as found:
        if output is None:
            for piece in found:
                sys.stdout.buffer.write(piece)
            return
        draft = output.with_name(f"{output.name}.part")
        try:
            with draft.open("wb") as file:
                for piece in found:
                    written += file.write(piece)
            draft.replace(output)
        finally:
            draft.unlink(missing_ok=True)
    click.echo(f"{written:,} bytes in {output}.", err=True)
