"""``flowtrail flows``: check flow files, look at the flows there are, write a first file from what was seen."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator  # noqa: TC003 - the decorators need them at run time
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from server.commands.common import data_option, explained, json_option, settings_with


def api_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which query API to ask."""
    for option in (
        click.option("--api-url", default="", help="Address of a query API. Default: the one on the data directory."),
        click.option("--key", envvar="FLOWTRAIL_KEY", default="", help="Key with the scope read (FLOWTRAIL_KEY)."),
        data_option,
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
    paths = [path for group in groups for path in group]
    if not paths:
        raise click.ClickException("There is no flow file (*.yaml) in there.")
    try:
        declarations = [declaration for group in read_files(*groups) for declaration in group]
    except DeclarationInvalid as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        sys.exit(1)
    for path, declaration in zip(paths, declarations, strict=True):
        steps, edges = _many(len(declaration.steps), "step"), _many(len(declaration.edges), "edge")
        click.echo(f"{path}: {declaration.name} is fine ({steps}, {edges}).")


@flows.command("list")
@api_options
@json_option
@explained
def list_(*, api_url: str, key: str, data: Path | None, as_json: bool) -> None:
    """List the flows there are, declared or only seen, and how many findings each has."""
    with _api(api_url, key, data) as ask:
        names = [flow["name"] for flow in ask("/flows")["flows"]]
        details = [ask(f"/flows/{quote(name, safe='')}") for name in names]
    if as_json:
        click.echo(json.dumps({"flows": details}, indent=2))
        return
    if not details:
        click.echo("There is no flow yet: none is declared, and no case has been seen.")
        return
    width = max(len("flow"), *(len(flow["name"]) for flow in details))
    click.echo(f"{'flow':{width}}  {'declared':>10}  {'cases':>12}  {'in flight':>12}  findings")
    for flow in details:
        declared = (flow["version"] or "yes") if flow["declared"] else "no"
        count = len(flow["findings"]) if flow["declared"] else "-"
        click.echo(f"{flow['name']:{width}}  {declared:>10}  {flow['cases']:>12,}  {flow['in_flight']:>12,}  {count}")
    if any(flow["findings"] for flow in details):
        click.echo("\nflowtrail flows show FLOW says what was found.")


@flows.command()
@click.argument("flow")
@api_options
@json_option
@explained
def show(*, flow: str, api_url: str, key: str, data: Path | None, as_json: bool) -> None:
    """Show how FLOW is declared, and where that and what is seen of it disagree."""
    from server.commands.flows.page import page  # noqa: PLC0415 - the help is there faster without it

    with _api(api_url, key, data) as ask:
        detail = ask(f"/flows/{quote(flow, safe='')}")
    click.echo(json.dumps(detail, indent=2) if as_json else "\n".join(page(detail)))


@flows.command()
@click.argument("flow")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file instead.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@api_options
@explained
def infer(*, flow: str, out: Path | None, force: bool, **api: Any) -> None:
    """Write a first flow file for FLOW from what was seen of it; comments say what each line rests on."""
    if out and out.exists() and not force:
        raise click.ClickException(f"{out} is there already. Take another name, or --force to replace it.")
    with _api(**api) as ask:
        first_file = ask(f"/flows/{quote(flow, safe='')}/inferred")
    if not out:
        click.echo(first_file["yaml"], nl=False)
        return
    try:
        out.write_text(first_file["yaml"], encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}. Take another place.") from None
    click.echo(
        f"{out} is written from {first_file['cases']:,} cases. Look through it, then: flowtrail flows check {out}"
    )


@flows.command()
def schema() -> None:
    """Print the JSON schema of a flow file, for editors."""
    from cases.flows.declarations.schema import schema_text  # noqa: PLC0415

    click.echo(schema_text(), nl=False)


@contextmanager
def _api(api_url: str, key: str, data: Path | None) -> Iterator[Callable[[str], Any]]:
    """A function from a path below ``/api/v1`` to the JSON that the query API answers."""
    from server.client import API, ServerClient  # noqa: PLC0415 - the help is there faster without it
    from server.running import api_address  # noqa: PLC0415

    settings = settings_with(data=data)
    with ServerClient(api_url or api_address(settings.data), key, "--api-url") as server:
        yield lambda path: server.ask("GET", f"{API}{path}")


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
