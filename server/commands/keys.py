"""``flowtrail keys``: create, list and revoke keys; also while the server runs."""

from __future__ import annotations

import re
from collections.abc import Iterator  # noqa: TC003 - contextmanager needs it at run time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click
import orjson

from access.key import Key, KeyRequest
from common.scopes import Scope
from common.tenants import DEFAULT_TENANT
from common.units import MIB
from server.commands.common import data_option, explained, json_option, settings_with

_DURATION: Final = re.compile(r"(\d{1,6})([hdw])")
_HOURS: Final = {"h": 1, "d": 24, "w": 168}
_LAST_YEAR: Final = 2200
"""Well before 2262, where nanoseconds in 64 bits end."""


@click.group()
def keys() -> None:
    """Create, list and revoke keys. Running servers take a change over within two seconds."""


class Expiry(click.ParamType[int]):
    """An option: a duration from now, or an instant. Its value is in Unix nanoseconds."""

    name = "expiry"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read ``90d``, ``12h``, ``4w`` or an RFC 3339 time with a time zone."""
        try:
            until = _moment_of(str(value))
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is neither a duration (90d, 12h, 4w) nor a time.", param, ctx)
        if until.tzinfo is None:
            self.fail(f"{value!r} has no time zone. Write, for example, 2027-01-01T00:00:00Z.", param, ctx)
        if until.year >= _LAST_YEAR:
            self.fail(f"{value!r} is too far away. Leave out --expires for a key that never expires.", param, ctx)
        return _nanoseconds(until)


def _moment_of(text: str) -> datetime:
    if match := _DURATION.fullmatch(text):
        return datetime.now(UTC) + timedelta(hours=int(match[1]) * _HOURS[match[2]])
    return datetime.fromisoformat(text)


@keys.command("create")
@click.option("--tenant", default=DEFAULT_TENANT, show_default=True, help="Whose data the key writes or reads.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    required=True,
    help="What the key allows; may be given several times.",
)
@click.option("--name", default="", help="Who or what uses the key, for the list.")
@click.option("--expires", type=Expiry(), help="90d, 12h, 4w, or a time such as 2027-01-01T00:00:00Z. Default: never.")
@click.option("--requests-per-s", type=click.FloatRange(min=0), help="Requests per second it may send; 0 is no quota.")
@click.option("--mib-per-s", type=click.FloatRange(min=0), help="MiB per second it may send; 0 is no quota.")
@click.option("--quiet", is_flag=True, help="Print only the key, for scripts.")
@json_option
@data_option
@explained
def create(*, scopes: tuple[str, ...], mib_per_s: float | None, quiet: bool, as_json: bool, **options: Any) -> None:
    """Create a key and print it. It is shown only this once: the database holds a hash of it."""
    request = KeyRequest(
        scopes=frozenset(map(Scope, scopes)),
        tenant=options["tenant"],
        name=options["name"],
        expires_ns=options["expires"],
        requests_per_s=options["requests_per_s"],
        bytes_per_s=None if mib_per_s is None else mib_per_s * MIB,
    )
    with _keys(options["data"]) as all_keys:
        key, secret = all_keys.create(request)
    if as_json:
        click.echo(orjson.dumps({**_document(key), "key": secret.text}))
    elif quiet:
        click.echo(secret.text)
    else:
        click.echo(secret.text)
        click.echo(
            f"Key {key.id}: tenant {key.tenant}, {', '.join(sorted(key.scopes))}, expires {_moment(key.expires_ns)}. "
            "Store it now; it is not shown again.",
            err=True,
        )


@keys.command("list")
@json_option
@data_option
@explained
def list_keys(*, as_json: bool, **options: Any) -> None:
    """List all keys, revoked ones too, oldest first. The keys themselves are never shown."""
    with _keys(options["data"], create=False) as all_keys:
        keys_by_age = all_keys.list() if all_keys else []
    if as_json:
        click.echo(orjson.dumps([_document(key) for key in keys_by_age]))
        return
    if not keys_by_age:
        click.echo("There are no keys.")
        return
    rows = [("ID", "NAME", "TENANT", "SCOPES", "CREATED", "EXPIRES", "LAST USED", "STATE"), *map(_row, keys_by_age)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@keys.command("revoke")
@click.argument("key_id", metavar="ID")
@json_option
@data_option
@explained
def revoke(*, key_id: str, as_json: bool, **options: Any) -> None:
    """Revoke a key for good. ID is the one that ``flowtrail keys list`` shows."""
    with _keys(options["data"], create=False) as all_keys:
        if all_keys is None:
            raise click.ClickException("There are no keys here. Give --data or FLOWTRAIL_DATABASE: where the keys are.")
        key = all_keys.revoke(key_id)
    text = f"Key {key.id} is revoked. Running servers accept it for two more seconds at most."
    click.echo(orjson.dumps(_document(key)) if as_json else text)


@contextmanager
def _keys(data: Any, *, create: bool = True) -> Iterator[Any]:
    """The keys of the configured database; None if it is a file that does not exist and ``create`` is off."""
    from access.database import Database, sqlite_path  # noqa: PLC0415 - the other commands start faster without them
    from access.keys import Keys  # noqa: PLC0415

    address = settings_with(data=data).database_url
    path = sqlite_path(address)
    if not create and path is not None and not path.exists():
        yield None
        return
    database = Database.open(address)
    try:
        yield Keys(database)
    finally:
        database.close()


def _document(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "tenant": key.tenant,
        "scopes": sorted(key.scopes),
        "created": _iso(key.created_ns),
        "expires": _iso(key.expires_ns),
        "revoked": _iso(key.revoked_ns),
        "last_used": _iso(key.last_used_ns),
        "requests_per_s": key.requests_per_s,
        "bytes_per_s": key.bytes_per_s,
    }


def _row(key: Key) -> tuple[str, ...]:
    state = "usable" if key.usable_at(_nanoseconds(datetime.now(UTC))) else "expired"
    return (
        key.id,
        key.name or "-",
        key.tenant,
        ",".join(sorted(key.scopes)),
        _moment(key.created_ns),
        _moment(key.expires_ns),
        _moment(key.last_used_ns),
        f"revoked {_moment(key.revoked_ns)}" if key.revoked_ns else state,
    )


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000_000


def _iso(nanoseconds: int | None) -> str | None:
    if nanoseconds is None:
        return None
    return datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC).isoformat().replace("+00:00", "Z")


def _moment(nanoseconds: int | None) -> str:
    """To the minute, in UTC."""
    return "never" if nanoseconds is None else f"{(_iso(nanoseconds) or '')[:16].replace('T', ' ')}Z"
