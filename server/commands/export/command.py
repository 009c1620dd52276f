"""``flowtrail export``: cases as a file for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from server.commands.common import api_options, explained, settings_with
from server.commands.output import output_file

_FORMATS = ("csv", "parquet", "ocel-json", "otlp-json")


@click.command("export")
@click.option("--flow", required=True, help="Name of the flow.")
@click.option("--case", "case_id", help="Only this case.")
@click.option("--from", "since", help="Start of the period: a date, or RFC 3339. Default: the last six weeks.")
@click.option("--to", help="End of the period, not included.")
@click.option("--tz", help="IANA time zone of the days. Default: the flow's own, else UTC.")
@click.option("--kpi", help="Only the cases that this KPI counts, such as touchless-rate.")
@click.option("--band", help="Only one band of the KPI, such as touched; or in_flight, or finished.")
@click.option("--group", help='Only one group, as JSON: {"channel":"web"}.')
@click.option("--bucket", help="Only one interval of the period: its start, as bucket_start of the API.")
@click.option("--group-by", help="Dimension of the group, such as channel.")
@click.option("--interval", help="Length of the intervals, such as week.")
@click.option("--as-of", help="RFC 3339: cases as they were at this instant.")
@click.option("--format", "file_format", type=click.Choice(_FORMATS), default="csv", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File. Default: standard output.")
@api_options
@explained
def export(*, output: Path | None, api_url: str, key: str, data: Path | None, **options: Any) -> None:
    """Write the events of a case, or of many cases, to a file.

    The options are those of the query API: what lists the cases behind a figure also exports them. CSV and Parquet
    have a row for each event of each case. OCEL 2.0 keeps cases, ids and links as objects, for process mining tools.
    OTLP JSON is what was sent; flowtrail import reads it back exactly.

    The server on the data directory does the work. If none runs, the command reads the store in the data directory.
    """
    from server.commands.export.run import ExportRequest, pieces  # noqa: PLC0415 - the help is there faster without it

    flow, case_id, file_format = (options.pop(name) for name in ("flow", "case_id", "file_format"))
    options["from"] = options.pop("since")  # "from" is a keyword of Python, so the parameter has another name
    request = ExportRequest(flow, case_id, file_format, options)
    settings = settings_with(data=data)
    # The file is opened first: a name that cannot be written fails before the work is done.
    with output_file(output) as file, pieces(settings, request, api_url, key) as body:
        written = sum(map(file.write, body))
    if output is not None:
        click.echo(f"{written:,} bytes written to {output}.", err=True)
