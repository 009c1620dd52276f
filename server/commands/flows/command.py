"""``flowtrail flows``: check flow files, look at the flows there are, write a first file from what was seen."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable  # noqa: TC003 - the decorators need it at run time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from server.commands.common import explained, json_option, settings_with


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say whom to ask."""
    for option in (
        click.option("--api-url", default="", help="Address of the query API (default: this machine, FLOWTRAIL_PORT)."),
        click.option("--key", envvar="FLOWTRAIL_KEY", default="", help="Key with the scope read (FLOWTRAIL_KEY)."),
    ):
        command = option(command)
    return command


@click.group()
def flows() -> None:
    """Declare flows: check their files, see where they and what is seen disagree, infer a first file."""


@flows.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@explained
def check(*, files: tuple[Path, ...]) -> None:
    """Check flow files, or all those in a folder; print every error with its line. Exit code 1 when there is one."""
    from cases.flows.declarations import DeclarationInvalid  # noqa: PLC0415 - the other commands start faster without it
    from server.flow_files import read_files, tenants_in  # noqa: PLC0415

    # Files that are named one by one are taken for those of one tenant.
    groups = [[file for file in files if not file.is_dir()]]
    groups += [paths for file in files if file.is_dir() for paths in tenants_in(file).values()]
    found = [path for paths in groups for path in paths]
    if not found:
        raise click.ClickException("There is no flow file (*.yaml) in there.")
    try:
        declarations = [one for read in read_files(*groups) for one in read]
    except DeclarationInvalid as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        sys.exit(1)
    for path, one in zip(found, declarations, strict=True):
        click.echo(f"{path}: {one.name} is fine ({_many(len(one.steps), 'step')}, {_many(len(one.edges), 'edge')}).")


@flows.command("list")
@asking
@json_option
@explained
def list_(*, api_url: str, key: str, as_json: bool) -> None:
    """List the flows there are, declared or only seen, and how many findings each has."""
    from server.asking import ask  # noqa: PLC0415

    settings = settings_with()
    found = ask(settings, api_url, key, "/flows")["flows"]
    details = [ask(settings, api_url, key, f"/flows/{quote(one['name'], safe='')}") for one in found]
    if as_json:
        click.echo(json.dumps({"flows": details}, indent=2))
        return
    if not details:
        click.echo("There is no flow yet: none is declared, and no case has been seen.")
        return
    width = max(len("flow"), *(len(one["name"]) for one in details))
    click.echo(f"{'flow':{width}}  {'declared':>10}  {'cases':>12}  {'in flight':>12}  findings")
    for one in details:
        declared = (one["version"] or "yes") if one["declared"] else "no"
        count = len(one["findings"]) if one["declared"] else "-"
        click.echo(f"{one['name']:{width}}  {declared:>10}  {one['cases']:>12,}  {one['in_flight']:>12,}  {count}")
    if any(one["findings"] for one in details):
        click.echo("\nflowtrail flows show FLOW says what was found.")


@flows.command()
@click.argument("flow")
@asking
@json_option
@explained
def show(*, flow: str, api_url: str, key: str, as_json: bool) -> None:
    """Show how FLOW is declared, and where that and what is seen of it disagree."""
    from server.asking import ask  # noqa: PLC0415
    from server.commands.flows.page import page  # noqa: PLC0415

    detail = ask(settings_with(), api_url, key, f"/flows/{quote(flow, safe='')}")
    click.echo(json.dumps(detail, indent=2) if as_json else "\n".join(page(detail)))


@flows.command()
@click.argument("flow")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file instead.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@asking
@explained
def infer(*, flow: str, out: Path | None, force: bool, api_url: str, key: str) -> None:
    """Write a first flow file for FLOW from what was seen of it; comments say what each line rests on."""
    from server.asking import ask  # noqa: PLC0415

    if out and out.exists() and not force:
        raise click.ClickException(f"{out} is there already. Take another name, or --force to replace it.")
    found = ask(settings_with(), api_url, key, f"/flows/{quote(flow, safe='')}/inferred")
    if not out:
        click.echo(found["yaml"], nl=False)
        return
    try:
        out.write_text(found["yaml"], encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}. Take another place.") from None
    click.echo(f"{out} is written from {found['cases']:,} cases. Look through it, then: flowtrail flows check {out}")


@flows.command()
def schema() -> None:
    """Print the JSON schema of a flow file, for editors."""
    from cases.flows.declarations.schema import schema_text  # noqa: PLC0415

    click.echo(schema_text(), nl=False)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
