"""``flowtrail cases``: rebuild and verify cases; also while the server runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import orjson

from server.commands.common import data_option, explained, json_option, operator_options, plural, settings_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@click.group()
def cases() -> None:
    """Rebuild and verify cases."""


@cases.command("rebuild")
@click.option("--flow", default="", help="Only the cases of this flow, each in its place.")
@click.option("--since", default="", help="Only cases with an event since this day or instant (2026-11-01), in UTC.")
@operator_options
@data_option
@explained
def rebuild(*, flow: str, since: str, url: str, key: str, **options: Any) -> None:
    """Compute all links and cases again from all events, then replace the old ones.

    Queries and senders are not interrupted, and Ctrl-C leaves everything as it was. With --flow or --since, links stay
    as they are and only those cases are folded again. A running server does the work itself, one rebuild at a time.
    """
    from cases.progress import Progress  # noqa: PLC0415 - the help is there faster without it
    from server.commands.cases.run import job_server, rebuild_cases  # noqa: PLC0415

    settings = settings_with(**options)
    request = {name: text for name, text in (("flow", flow), ("since", since)) if text}
    count = rebuild_cases(settings, request, Progress(progress_printer()), job_server(settings, url, key))
    click.echo(f"{plural(count, 'case')} rebuilt.")


@cases.command("verify")
@click.option("--sample", type=click.IntRange(1), default=None, help="Number of cases, the same ones each time (1000).")
@click.option("--all", "every", is_flag=True, help="Check all cases.")
@click.option("--flow", default="", help="Only cases of this flow.")
@click.option("--same-sql", is_flag=True, help="Fold all cases again with the same SQL, and compare.")
@operator_options
@json_option
@data_option
@explained
def verify(*, sample: int | None, every: bool, flow: str, same_sql: bool, as_json: bool, **options: Any) -> None:
    """Compute cases a second time from their events, independently of the fold, and report each difference.

    Exit code 1 if there is one. Nothing is changed, and queries and senders are not interrupted.
    """
    from cases.progress import Progress  # noqa: PLC0415 - the help is there faster without it
    from server.commands.cases.run import job_server, verify_cases  # noqa: PLC0415
    from server.jobs.verifications import SAMPLE, VerificationRequest  # noqa: PLC0415

    if every and sample:
        raise click.UsageError("Give --all or --sample, not both.")
    if same_sql and (sample or flow):
        raise click.UsageError("--same-sql checks all cases of all flows; leave out --sample and --flow.")
    request = VerificationRequest(None if every else sample or SAMPLE, flow, same_sql=same_sql)
    url, key = options.pop("url"), options.pop("key")
    settings = settings_with(**options)
    result = verify_cases(settings, request, Progress(progress_printer()), job_server(settings, url, key))
    click.echo(orjson.dumps(result) if as_json else "\n".join(_report(result)))
    sys.exit(1 if result["differing"] else 0)


def _report(result: dict[str, Any]) -> Iterator[str]:
    yield from (difference["text"] for difference in result["differences"])
    if result["differing"] > len(result["differences"]):
        yield f"… and {result['differing'] - len(result['differences']):,} more."
    events = f" from {plural(result['events'], 'event')}" if result["events"] is not None else ""
    yield f"{plural(result['cases'], 'case')} recomputed{events}: {plural(result['differing'], 'difference')}."
    if result["changing"]:
        yield f"{plural(result['changing'], 'case')} changed during the check and could not be compared."


def progress_printer() -> Callable[[str, int, int], None]:
    """A function that prints the progress to standard error: one line on a terminal, else a line every 10 %."""
    last = -1
    terminal = sys.stderr.isatty()

    def show(stage: str, done: int, total: int) -> None:
        nonlocal last
        percent = 100 * done // max(total, 1)
        step = percent if terminal else percent // 10
        if step == last and not terminal:
            return
        last = step
        # On a terminal each line is written over the one before.
        begin = "\r\x1b[K" if terminal else ""
        click.echo(f"{begin}{percent:3} %  {stage}", nl=not terminal or done >= total, err=True)

    return show
