"""``flowtrail cases``: fold cases again, and check them; also while the server runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import orjson

from server.commands.common import data_option, explained, json_option, settings_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@click.group()
def cases() -> None:
    """Fold cases again, and check them."""


@cases.command("rebuild")
@click.option("--flow", default="", help="Fold only the cases of this flow again, each in its place.")
@click.option("--since", default="", help="Only cases with an event since this day or instant (2026-11-01), in UTC.")
@click.option("--url", default="", help="Address of the collector's HTTP port, if it is elsewhere.")
@click.option("--key", envvar="FLOWTRAIL_KEY", default="", help="Key with the scope operate (FLOWTRAIL_KEY).")
@data_option
@explained
def rebuild(*, flow: str, since: str, url: str, key: str, **options: Any) -> None:
    """Compute all links and cases again from all events, and put them in the place of what is there.

    Reading and sending go on meanwhile, and Ctrl-C leaves everything as it was. With --flow or --since, links stay and
    only those cases are folded again. A running server does the work itself and refuses a second one at once.
    """
    from cases.progress import Progress  # noqa: PLC0415 - the help is there faster without it
    from server.commands.cases.rebuild import Wish, fold_again  # noqa: PLC0415

    folded = fold_again(settings_with(**options), Wish(flow, since, url, key), Progress(teller()))
    click.echo(f"{folded:,} cases rebuilt.")


@cases.command("verify")
@click.option("--sample", type=click.IntRange(1), default=None, help="Check so many cases, always the same (1000).")
@click.option("--all", "every", is_flag=True, help="Check all cases.")
@click.option("--flow", default="", help="Only cases of this flow.")
@click.option("--same-sql", is_flag=True, help="Fold all cases afresh by the same statements and compare.")
@click.option("--url", default="", help="Address of the collector's HTTP port, if it is elsewhere.")
@click.option("--key", envvar="FLOWTRAIL_KEY", default="", help="Key with the scope operate (FLOWTRAIL_KEY).")
@json_option
@data_option
@explained
def verify(*, sample: int | None, every: bool, flow: str, same_sql: bool, as_json: bool, **how: Any) -> None:
    """Compute cases a second time from their events, by another method than the fold's, and report each difference.

    Exit code 1 when there is one. Nothing is changed; reading and sending go on meanwhile.
    """
    from cases.progress import Progress  # noqa: PLC0415 - the help is there faster without it
    from server.commands.cases.verify import check  # noqa: PLC0415
    from server.jobs.verifications import SAMPLE, Wanted  # noqa: PLC0415

    if every and sample:
        raise click.UsageError("Say --all or --sample, not both.")
    if same_sql and (sample or flow):
        raise click.UsageError("--same-sql checks all cases of all flows; leave --sample and --flow out.")
    wanted = Wanted(None if every else sample or SAMPLE, flow, same_sql=same_sql)
    url, key = how.pop("url"), how.pop("key")
    found = check(settings_with(**how), wanted, Progress(teller()), url, key)
    click.echo(orjson.dumps(found) if as_json else "\n".join(_report(found)))
    sys.exit(1 if found["differing"] else 0)


def _report(found: dict[str, Any]) -> Iterator[str]:
    yield from (one["text"] for one in found["differences"])
    if found["differing"] > len(found["differences"]):
        yield f"… and {found['differing'] - len(found['differences']):,} more."
    of = f" from {found['events']:,} events" if found["events"] is not None else ""
    yield f"{found['cases']:,} cases recomputed{of}: {found['differing']:,} differences."
    if found["changing"]:
        yield f"{found['changing']:,} cases changed each time they were looked at, and were not judged."


def teller() -> Callable[[str, int, int], None]:
    """Says on standard error how far work is: on a terminal in one line, else in a line every 10 %."""
    shown = -1
    terminal = sys.stderr.isatty()

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal shown
        percent = 100 * done // max(total, 1)
        step = percent if terminal else percent // 10
        if step == shown and not terminal:
            return
        shown = step
        begin = "\r\x1b[K" if terminal else ""
        click.echo(f"{begin}{percent:3} %  {stage}", nl=not terminal or done >= total, err=True)

    return tell
