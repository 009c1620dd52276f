"""``flowtrail deadletters``: see, replay and drop what the collector could not store; also while it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable  # noqa: TC003 - the decorator needs it at run time
from typing import TYPE_CHECKING, Any

import click
import orjson

from server.commands.common import data_option, explained, json_option, settings_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.commands.dead_letters.letters import Desk


@click.group()
def deadletters() -> None:
    """See, replay and drop what the collector could not store.

    Works on the folder while the collector is stopped, and over its HTTP port while it runs.
    """


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--url", default="", help="Address of the collector's HTTP port, if it is elsewhere."),
        click.option("--key", envvar="FLOWTRAIL_KEY", default="", help="Key with the scope operate (FLOWTRAIL_KEY)."),
        json_option,
        data_option,
    ):
        command = option(command)
    return explained(command)


@deadletters.command("list")
@_options
def list_letters(*, url: str, key: str, as_json: bool, **options: Any) -> None:
    """One line for each dead letter, oldest first: id, origin, tenant, items, bytes, reason."""
    found = list(_desk(url, key, options).all())
    if as_json:
        click.echo(orjson.dumps(found))
        return
    for letter in found:
        click.echo(_line(letter))
    click.echo(f"{len(found):,} dead letters.")


@deadletters.command("show")
@click.argument("letter_id", metavar="ID")
@click.option("--values", is_flag=True, help="Also show the values of attributes, log bodies and messages.")
@_options
def show(*, letter_id: str, values: bool, url: str, key: str, as_json: bool, **options: Any) -> None:
    """Why a letter is one, and its request decoded; what the request carries only with --values."""
    letter = _desk(url, key, options).show(letter_id, values=values)
    if as_json:
        click.echo(orjson.dumps(letter))
        return
    for name in ("id", "origin", "reason", "tenant", "signal", "received", "items", "size"):
        click.echo(f"{name + ':':10}{letter[name] if letter[name] is not None else '-'}")
    if letter["request"] is None:
        click.echo("These are damaged bytes of the log, not a request.")
        return
    click.echo(orjson.dumps(letter["request"], option=orjson.OPT_INDENT_2))
    if letter["items"] > letter["shown_items"]:
        click.echo(f"{letter['items'] - letter['shown_items']:,} more items are not shown.")
    if not values:
        click.echo("Values are hidden; --values shows them.")


@deadletters.command("replay")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@_options
def replay(*, ids: tuple[str, ...], url: str, key: str, as_json: bool, **options: Any) -> None:
    """Put dead letters (all by default) into the durable log again, from where they are stored.

    A stopped collector stores them at its next start. Exit code 1 when a letter could not be taken.
    """
    desk = _desk(url, key, options)
    chosen: Sequence[str] = ids or [letter["id"] for letter in desk.all()]
    outcome = desk.replay(chosen) if chosen else {"taken": [], "kept": []}
    if as_json:
        click.echo(orjson.dumps(outcome))
    else:
        for kept in outcome["kept"]:
            click.echo(f"kept {kept['id']}: {kept['reason']}")
        click.echo(f"{len(outcome['taken']):,} dead letters replayed, {len(outcome['kept']):,} kept.")
    sys.exit(1 if outcome["kept"] else 0)


@deadletters.command("drop")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_options
def drop(*, ids: tuple[str, ...], yes: bool, url: str, key: str, as_json: bool, **options: Any) -> None:
    """Delete dead letters for good."""
    desk = _desk(url, key, options)
    for letter_id in ids:
        letter = desk.show(letter_id, values=False)
        if not yes:
            click.echo(_line(letter), err=True)
            click.confirm("Delete this letter for good?", abort=True, err=True)
        desk.drop(letter_id)
    click.echo(orjson.dumps({"dropped": ids}) if as_json else f"{len(ids):,} dead letters dropped.")


def _desk(url: str, key: str, options: dict[str, Any]) -> Desk:
    from server.commands.dead_letters.letters import desk  # noqa: PLC0415 - the help is there faster without it

    return desk(settings_with(**options), url, key)


def _line(letter: dict[str, Any]) -> str:
    about = (
        letter["id"],
        letter["origin"],
        letter["tenant"] or "-",
        f"{letter['items']:,} {letter['signal'] or 'damage'}",
        f"{letter['size']:,} bytes",
        " ".join(letter["reason"].split()),
    )
    return "  ".join(about)
