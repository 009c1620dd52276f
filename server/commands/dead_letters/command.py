"""``flowtrail deadletters``: show, replay and drop what the collector could not store; also while it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable  # noqa: TC003 - the decorator needs it at run time
from typing import TYPE_CHECKING, Any

import click
import orjson

from server.commands.common import data_option, explained, json_option, operator_options, plural, settings_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.commands.dead_letters.letters import Letters


@click.group()
def deadletters() -> None:
    """Show, replay and drop what the collector could not store.

    Works on the data directory while the collector is stopped, and over its HTTP port while it runs.
    """


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    return explained(operator_options(json_option(data_option(command))))


@deadletters.command("list")
@_options
def list_letters(*, url: str, key: str, as_json: bool, **options: Any) -> None:
    """Print a line for each dead letter, oldest first: id, origin, tenant, items, bytes, reason."""
    letters = list(_letters(url, key, options).all())
    if as_json:
        click.echo(orjson.dumps(letters))
        return
    for letter in letters:
        click.echo(_line(letter))
    click.echo(f"{plural(len(letters), 'dead letter')}.")


@deadletters.command("show")
@click.argument("letter_id", metavar="ID")
@click.option("--values", is_flag=True, help="Also show the values of attributes, log bodies and messages.")
@_options
def show(*, letter_id: str, values: bool, url: str, key: str, as_json: bool, **options: Any) -> None:
    """Print the reason of a dead letter and its request, decoded. Values are hidden unless --values is given."""
    letter = _letters(url, key, options).show(letter_id, values=values)
    if as_json:
        click.echo(orjson.dumps(letter))
        return
    for name in ("id", "origin", "reason", "tenant", "signal", "received", "items", "size"):
        click.echo(f"{name + ':':10}{letter[name] if letter[name] is not None else '-'}")
    if letter["request"] is None:
        click.echo("This letter holds damaged bytes of the durable log, not a request.")
        return
    click.echo(orjson.dumps(letter["request"], option=orjson.OPT_INDENT_2))
    if letter["items"] > letter["shown_items"]:
        click.echo(f"Not shown: {plural(letter['items'] - letter['shown_items'], 'more item')}.")
    if not values:
        click.echo("Values are hidden; --values shows them.")


@deadletters.command("replay")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@_options
def replay(*, ids: tuple[str, ...], url: str, key: str, as_json: bool, **options: Any) -> None:
    """Append dead letters (all by default) to the durable log again, which then stores them.

    A stopped collector stores them at its next start. Exit code 1 when a letter was refused again and is kept.
    """
    letters = _letters(url, key, options)
    chosen: Sequence[str] = ids or [letter["id"] for letter in letters.all()]
    outcome = letters.replay(chosen) if chosen else {"taken": [], "kept": []}
    if as_json:
        click.echo(orjson.dumps(outcome))
    else:
        for letter in outcome["kept"]:
            click.echo(f"kept {letter['id']}: {letter['reason']}")
        click.echo(f"{plural(len(outcome['taken']), 'dead letter')} replayed, {len(outcome['kept']):,} kept.")
    sys.exit(1 if outcome["kept"] else 0)


@deadletters.command("drop")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@_options
def drop(*, ids: tuple[str, ...], yes: bool, url: str, key: str, as_json: bool, **options: Any) -> None:
    """Delete dead letters for good."""
    letters = _letters(url, key, options)
    for letter_id in ids:
        letter = letters.show(letter_id, values=False)
        if not yes:
            click.echo(_line(letter), err=True)
            click.confirm("Delete this letter for good?", abort=True, err=True)
        letters.drop(letter_id)
    click.echo(orjson.dumps({"dropped": ids}) if as_json else f"{plural(len(ids), 'dead letter')} dropped.")


def _letters(url: str, key: str, options: dict[str, Any]) -> Letters:
    from server.commands.dead_letters.letters import letters_of  # noqa: PLC0415 - the help is there faster without it

    return letters_of(settings_with(**options), url, key)


def _line(letter: dict[str, Any]) -> str:
    columns = (
        letter["id"],
        letter["origin"],
        letter["tenant"] or "-",
        f"{letter['items']:,} {letter['signal'] or 'damage'}",
        plural(letter["size"], "byte"),
        " ".join(letter["reason"].split()),
    )
    return "  ".join(columns)
