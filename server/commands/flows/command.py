"""``flowtrail flows``: check flow files, list and show flows, infer a first file from the events of a flow."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator  # noqa: TC003 - the decorators need them at run time
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from server.commands.common import api_options, explained, json_option, plural, settings_with
from server.commands.output import output_file


@click.group()
def flows() -> None:
    """Check flow files, compare declarations with what really happened, infer a first file."""


@flows.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@explained
def check(*, files: tuple[Path, ...]) -> None:
    """Check flow files, or all in a directory. Print every error with its line; exit code 1 when there is one."""
    from cases.flows.declarations import DeclarationInvalid  # noqa: PLC0415 - the other commands start faster without it
    from server.flow_files import read_files, tenants_in  # noqa: PLC0415

    # Files that are named one by one belong to one tenant; below a directory, each tenant has one of its own.
    groups = [[file for file in files if not file.is_dir()]]
    groups += [paths for file in files if file.is_dir() for paths in tenants_in(file).values()]
    paths = [path for group in groups for path in group]
    if not paths:
        raise click.ClickException("There is no flow file (*.yaml) there.")
    try:
        declarations = [declaration for group in read_files(*groups) for declaration in group]
    except DeclarationInvalid as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        sys.exit(1)
    for path, declaration in zip(paths, declarations, strict=True):
        steps, edges = plural(len(declaration.steps), "step"), plural(len(declaration.edges), "edge")
        click.echo(f"{path}: {declaration.name} is fine ({steps}, {edges}).")


@flows.command("list")
@api_options
@json_option
@explained
def list_(*, api_url: str, key: str, data: Path | None, as_json: bool) -> None:
    """List all flows, declared or not, and how many findings each has."""
    with _api(api_url, key, data) as get:
        names = [flow["name"] for flow in get("/flows")["flows"]]
        details = [get(f"/flows/{quote(name, safe='')}") for name in names]
    if as_json:
        click.echo(json.dumps({"flows": details}, indent=2))
        return
    if not details:
        click.echo("There is no flow yet: none is declared, and there is no case.")
        return
    width = max(len("flow"), *(len(flow["name"]) for flow in details))
    click.echo(f"{'flow':{width}}  {'declared':>10}  {'cases':>12}  {'in flight':>12}  findings")
    for flow in details:
        declared = (flow["version"] or "yes") if flow["declared"] else "no"
        count = len(flow["findings"]) if flow["declared"] else "-"
        click.echo(f"{flow['name']:{width}}  {declared:>10}  {flow['cases']:>12,}  {flow['in_flight']:>12,}  {count}")
    if any(flow["findings"] for flow in details):
        click.echo("\nflowtrail flows show FLOW prints the findings.")


@flows.command()
@click.argument("flow")
@api_options
@json_option
@explained
def show(*, flow: str, api_url: str, key: str, data: Path | None, as_json: bool) -> None:
    """Show how FLOW is declared, and where its cases differ from the declaration."""
    from server.commands.flows.page import page  # noqa: PLC0415 - the help is there faster without it

    with _api(api_url, key, data) as get:
        detail = get(f"/flows/{quote(flow, safe='')}")
    click.echo(json.dumps(detail, indent=2) if as_json else "\n".join(page(detail)))


@flows.command()
@click.argument("flow")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file. Default: standard output."
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@api_options
@explained
def infer(*, flow: str, out: Path | None, force: bool, **api: Any) -> None:
    """Infer a first flow file for FLOW from its events. Comments give the evidence for each line."""
    if out and out.exists() and not force:
        raise click.ClickException(f"{out} exists already. Choose another name, or give --force to replace it.")
    with output_file(out) as file, _api(**api) as get:
        first_file = get(f"/flows/{quote(flow, safe='')}/inferred")
        file.write(first_file["yaml"].encode())
    if out:
        cases = plural(first_file["cases"], "case")
        click.echo(f"Inferred {out} from {cases}. Review it, then run: flowtrail flows check {out}")


@flows.command()
def schema() -> None:
    """Print the JSON schema of a flow file, for editors."""
    from cases.flows.declarations.schema import schema_text  # noqa: PLC0415

    click.echo(schema_text(), nl=False)


@contextmanager
def _api(api_url: str, key: str, data: Path | None) -> Iterator[Callable[[str], Any]]:
    """A function from a path below ``/api/v1`` to the JSON that the query API returns."""
    from server.client import API, ServerClient  # noqa: PLC0415 - the help is there faster without it
    from server.running import api_address  # noqa: PLC0415

    settings = settings_with(data=data)
    with ServerClient(api_url or api_address(settings.data), key, "--api-url") as server:
        yield lambda path: server.request("GET", f"{API}{path}")
