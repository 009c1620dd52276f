"""``flowtrail import``: event logs of other tools become cases."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from importing.reading.file_format import FORMATS
from server.commands.common import data_option, explained, json_option, settings_with

if TYPE_CHECKING:
    from importing.run import ImportSummary, LogFile


@click.command("import")
@click.argument("files", nargs=-1, metavar="FILE[=MAPPING]...")
@click.option("--map", "mapping", type=click.Path(path_type=Path), help="Mapping file (YAML) for files that name none.")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), help="Format of the files. Default: told by their content."
)
@click.option("--to", default="", help="Address of a collector (OTLP/HTTP), such as http://127.0.0.1:4318.")
@click.option("--key", envvar="FLOWTRAIL_KEY", default="", help="Key with the scope ingest (FLOWTRAIL_KEY).")
@click.option("--dry-run", is_flag=True, help="Send nothing: show the first events and what was guessed.")
@click.option("--strict", is_flag=True, help="Stop at the first record that cannot be read.")
@click.option("--resume", is_flag=True, help="Go on where an import of the same file and mapping was stopped.")
@click.option("--report", type=click.Path(path_type=Path), help="File for records that cannot be read.")
@click.option("--patience", type=float, default=300, show_default=True, help="Seconds to wait for a busy collector.")
@click.option("--schema", is_flag=True, help="Print the JSON schema of a mapping file and stop.")
@data_option
@json_option
@explained
def import_(*, files: tuple[str, ...], as_json: bool, schema: bool, **options: Any) -> None:
    """Bring event logs of other tools in, as if their events had been sent when they happened.

    FILE is an XES, CSV, Parquet, OCEL (1.0 JSON; 2.0 JSON, XML or SQLite) or OTLP JSON file, or one of them in gzip.
    What its columns mean is guessed from their names; a mapping file says it where that is not enough (see
    docs/import.md, and --dry-run to try). Importing a file twice gives the same cases as importing it once.

    Without --to the events go to the Flowtrail that runs on this machine; if none does, into the folder of --data.
    Exit code 0: everything came in. 1: something did not, see the report. 2: the command was not understood.
    """
    from importing.mapping.mapping import Mapping  # noqa: PLC0415 - the help is there faster without it
    from server.commands.import_ import run as importer  # noqa: PLC0415

    if schema:
        click.echo(orjson.dumps(Mapping.model_json_schema(), option=orjson.OPT_INDENT_2))
        return
    if not files:
        raise click.UsageError("Name at least one file.")
    dry_run = options.pop("dry_run")
    jobs = importer.jobs(files, options.pop("mapping"), options.pop("kind"))
    wishes = importer.Wishes(
        to=options.pop("to"),
        key=options.pop("key"),
        strict=options.pop("strict"),
        resume=options.pop("resume"),
        report=options.pop("report"),
        patience_s=options.pop("patience"),
    )
    if dry_run:
        for job in jobs:
            _show(job, as_json=as_json)
        return
    done = importer.run(jobs, settings_with(**options), wishes, sys.stderr)
    if as_json:
        click.echo(orjson.dumps([_facts(summary) for summary in done.summaries]))
    else:
        for summary in done.summaries:
            click.echo(_told(summary))
        click.echo(done.closing)
    sys.exit(0 if done.complete else 1)


def _show(job: LogFile, *, as_json: bool) -> None:
    from importing.preview import preview  # noqa: PLC0415

    shown = preview(job)
    if as_json:
        click.echo(orjson.dumps(shown.document))
        return
    click.echo(shown.text)


def _facts(summary: ImportSummary) -> dict[str, Any]:
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


def _told(summary: ImportSummary) -> str:
    """A few lines for a person."""
    counts = summary.counts
    lines = [
        f"{summary.name} ({summary.kind}): {summary.events:,} events of {summary.cases:,} cases"
        + (f", {_moment(summary.first)[:10]} to {_moment(summary.last)[:10]}" if summary.first else "")
        + (f"; {summary.events - summary.sent:,} of them had been sent before" if summary.sent < summary.events else "")
        + "."
    ]
    if counts and counts.skipped:
        lines.append(
            f"  {counts.skipped:,} records tell of steps that did not take place or were only scheduled: left out."
        )
    if counts and summary.events and not counts.outcomes:
        lines.append(
            "  No event ends its case, so every case counts as in flight. Say what ends one: outcomes, in a mapping."
        )
    if counts and (unknown := counts.actors.get("unknown", 0)):
        who = ", ".join(repr(name) if name else "nobody named" for name, _ in counts.unknown_resources.most_common(3))
        lines.append(f"  {unknown:,} events do not tell human from machine ({who}). Say it: actor, in a mapping.")
    return "\n".join(lines)


def _moment(ns: int) -> str:
    return datetime.fromtimestamp(ns / 1e9, UTC).isoformat(timespec="milliseconds") if ns else ""
