"""``flowtrail import``: event logs of other tools become cases."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from importing.reading.file_format import FORMATS
from server.commands.common import data_option, explained, json_option, key_option, plural, settings_with

if TYPE_CHECKING:
    from importing.run import ImportSummary, LogFile


@click.command("import")
@click.argument("files", nargs=-1, metavar="FILE[=MAPPING]...")
@click.option("--map", "mapping", type=click.Path(path_type=Path), help="Mapping file (YAML) for files without one.")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), help="Format of the files. Default: recognised by their content."
)
@click.option("--to", default="", help="Address of a collector (OTLP/HTTP). Default: the one on the data directory.")
@key_option("the scope ingest")
@click.option("--dry-run", is_flag=True, help="Send nothing: show the first events and what was guessed.")
@click.option("--strict", is_flag=True, help="Stop at the first record that cannot be read.")
@click.option("--resume", is_flag=True, help="Continue where an import of the same file and mapping stopped.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    help="File for records that cannot be read. Default: in the data directory.",
)
@click.option("--patience", type=float, default=300, show_default=True, help="Seconds to wait for a busy collector.")
@click.option("--schema", is_flag=True, help="Print the JSON schema of a mapping file and stop.")
@data_option
@json_option
@explained
def import_(*, files: tuple[str, ...], as_json: bool, schema: bool, **options: Any) -> None:
    """Import event logs of other tools, as if their events had been sent when they happened.

    FILE is an XES, CSV, Parquet, OCEL (1.0 JSON; 2.0 JSON, XML or SQLite) or OTLP JSON file, plain or in gzip. The
    meaning of its columns is guessed from their names. Where that is not enough, write a mapping file (docs/import.md)
    and try it with --dry-run. Importing a file twice gives the same cases as importing it once.

    The events go to the server on the data directory. If none runs, they are stored in the data directory, and no key
    is needed. Exit code 0: everything was imported. 1: something was not, see the report. 2: wrong usage.
    """
    from importing.mapping.mapping import Mapping  # noqa: PLC0415 - the help is there faster without it
    from server.commands.import_ import run as importer  # noqa: PLC0415

    if schema:
        click.echo(orjson.dumps(Mapping.model_json_schema(), option=orjson.OPT_INDENT_2))
        return
    if not files:
        raise click.UsageError("Name at least one file.")
    dry_run = options.pop("dry_run")
    logs = importer.log_files(files, options.pop("mapping"), options.pop("kind"))
    how = importer.ImportOptions(
        to=options.pop("to"),
        key=options.pop("key"),
        strict=options.pop("strict"),
        resume=options.pop("resume"),
        report=options.pop("report"),
        patience_s=options.pop("patience"),
    )
    if dry_run:
        for log in logs:
            _show(log, as_json=as_json)
        return
    result = importer.run(logs, settings_with(**options), how, sys.stderr)
    if as_json:
        click.echo(orjson.dumps([_document(summary) for summary in result.summaries]))
    else:
        for summary in result.summaries:
            click.echo(_text(summary))
        click.echo(result.closing)
    sys.exit(0 if result.complete else 1)


def _show(log: LogFile, *, as_json: bool) -> None:
    from importing.preview import preview  # noqa: PLC0415

    shown = preview(log)
    if as_json:
        click.echo(orjson.dumps(shown.document))
        return
    click.echo(shown.text)


def _document(summary: ImportSummary) -> dict[str, Any]:
    return {
        "file": summary.name,
        "format": summary.kind,
        "cases": summary.cases,
        "flows": dict(summary.flows),
        "events": summary.events,
        "sent": summary.sent,
        "from": _moment(summary.first),
        "to": _moment(summary.last),
        "actors": dict(summary.counts.actors) if summary.counts else {},
        "outcomes": dict(summary.counts.outcomes) if summary.counts else {},
        "skipped": summary.counts.skipped if summary.counts else 0,
        "refused": dict(summary.refused),
        "guessed": list(summary.guessed),
    }


def _text(summary: ImportSummary) -> str:
    """The summary in a few lines, for a person."""
    counts = summary.counts
    lines = [
        f"{summary.name} ({summary.kind}): {plural(summary.events, 'event')} of {plural(summary.cases, 'case')}"
        + (f", {_moment(summary.first)[:10]} to {_moment(summary.last)[:10]}" if summary.first else "")
        + (f"; {summary.events - summary.sent:,} of them had been sent before" if summary.sent < summary.events else "")
        + "."
    ]
    if counts and counts.skipped:
        lines.append(
            f"  Left out: {plural(counts.skipped, 'record')} of steps that did not take place or were only scheduled."
        )
    if counts and summary.events and not counts.outcomes:
        lines.append(
            "  No event ends its case, so every case is in flight. Declare what ends a case: outcomes, in a mapping."
        )
    if counts and (unknown := counts.actors.get("unknown", 0)):
        names = ", ".join(repr(name) if name else "no name" for name, _ in counts.unknown_resources.most_common(3))
        lines.append(
            f"  Without a person or a machine as actor: {plural(unknown, 'event')} ({names}). "
            "Declare who acted: actor, in a mapping."
        )
    return "\n".join(lines)


def _moment(ns: int) -> str:
    return datetime.fromtimestamp(ns / 1e9, UTC).isoformat(timespec="milliseconds") if ns else ""
