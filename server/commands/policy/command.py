"""``flowtrail policy``: look at what a policy does before it does it, and at what it did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

from server.commands.common import data_option, explained, json_option, settings_with

# Attributes as systems send them; what looks like a secret here is none.
_SAMPLE: Final = (
    "flow.case.id=SO-1001",
    "flow.ref.package=PK-7",
    "customer.email=ada@example.org",
    "http.request.header.authorization=Bearer c2FtcGxlLXNhbXBsZS1zYW1wbGU",
    "note=paid with 4111 1111 1111 1111",
    "password=correct horse",
)


@click.group()
def policy() -> None:
    """See what a redaction policy would do, and what it did."""


@policy.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--attribute", "attributes", multiple=True, metavar="KEY=VALUE", help="Instead of the sample; may repeat."
)
@explained
def check(*, file: Path | None, attributes: tuple[str, ...]) -> None:
    """Check the policy FILE (without one: the built-in rules) and show what it makes of a span's attributes."""
    from server.commands.policy.sample import redacted_sample  # noqa: PLC0415
    from server.policy import Policy, load_policy  # noqa: PLC0415 - the other commands start faster without it

    chosen = load_policy(file) if file else Policy()
    rules = chosen.all_rules()
    for rule in rules:
        about = [*rule.keys, *(f"/{value}/" for value in rule.values)]
        signals = f" in {', '.join(sorted(rule.signals))}" if rule.signals else ""
        click.echo(f"{rule.action:9}{rule.name}{signals}: {', '.join(about)}")
    click.echo("\nA span with these attributes would be stored so:")
    for pair in attributes or _SAMPLE:
        key, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"{pair!r} has no =; write KEY=VALUE.", param_hint="--attribute")
        after, names = redacted_sample(rules, key, value)
        shown = "dropped" if after is None else after
        click.echo(f"  {key}: {value}\n    → {shown}{f'  ({names})' if names else ''}")


@policy.command()
@data_option
@click.option("--days", type=click.IntRange(1, 36_500), default=30, show_default=True, help="How many days back.")
@json_option
@explained
def report(*, days: int, as_json: bool, **options: Any) -> None:
    """Count what was redacted, by tenant, signal and rule. Stop ``flowtrail serve`` first if the store is embedded."""
    from server.runtime import open_migrated  # noqa: PLC0415

    store = open_migrated(settings_with(**options))
    try:
        rows = store.query("store/redactions", days=days)
    finally:
        store.close()
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        click.echo(
            f"{row['count']:>12,}  {row['rule']}  {row['signal']}  {row['tenant']}  {row['first']} to {row['last']}"
        )
    click.echo(f"{sum(row['count'] for row in rows):,} values redacted in {days} days.")
