"""``flowtrail policy``: try a redaction policy before it is used, and count what was redacted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

from server.commands.common import data_option, explained, json_option, plural, settings_with

# Attributes as systems send them. What looks like a secret here is none.
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
    """Try a redaction policy, and count what was redacted."""


@policy.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    metavar="KEY=VALUE",
    help="An attribute to try instead of the sample; may be given several times.",
)
@explained
def check(*, file: Path | None, attributes: tuple[str, ...]) -> None:
    """Check the policy FILE (without one: the built-in rules) and show what it does to the attributes of a span."""
    from server.commands.policy.sample import redacted_sample  # noqa: PLC0415
    from server.policy import Policy, load_policy  # noqa: PLC0415 - the other commands start faster without it

    rules = (load_policy(file) if file else Policy()).all_rules()
    for rule in rules:
        patterns = [*rule.keys, *(f"/{value}/" for value in rule.values)]
        signals = f" in {', '.join(sorted(rule.signals))}" if rule.signals else ""
        click.echo(f"{rule.action:9}{rule.name}{signals}: {', '.join(patterns)}")
    click.echo("\nThese attributes of a span would be stored as follows:")
    for pair in attributes or _SAMPLE:
        key, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"{pair!r} has no =; write KEY=VALUE.", param_hint="--attribute")
        stored, names = redacted_sample(rules, key, value)
        shown = "dropped" if stored is None else stored
        click.echo(f"  {key}: {value}\n    → {shown}{f'  ({names})' if names else ''}")


@policy.command()
@data_option
@click.option("--days", type=click.IntRange(1, 36_500), default=30, show_default=True, help="Days to look back.")
@json_option
@explained
def report(*, days: int, as_json: bool, **options: Any) -> None:
    """Count redacted values by tenant, signal and rule. If the store is embedded, stop ``flowtrail serve`` first."""
    from server.commands.offline_store import opened  # noqa: PLC0415 - the help is there faster without it

    with opened(settings_with(**options)) as store:
        rows = store.query("store/redactions", days=days)
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        click.echo(
            f"{row['count']:>12,}  {row['rule']}  {row['signal']}  {row['tenant']}  {row['first']} to {row['last']}"
        )
    click.echo(f"{plural(sum(row['count'] for row in rows), 'value')} redacted in {plural(days, 'day')}.")
