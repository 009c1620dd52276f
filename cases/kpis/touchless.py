"""Touchless rate: the cases that ended in the window, by band."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from cases.kpis import in_flight
from cases.kpis.answer import KpiAnswer, Point
from cases.kpis.ask import Ask, Cell, cells, ratio

if TYPE_CHECKING:
    from cases.kpis.answer import Group, Value
    from cases.kpis.in_flight import OpenCases
    from cases.kpis.window import Bucket

_BANDS = ("touchless", "touched", "unknown")


def answer(ask: Ask) -> KpiAnswer:
    """Always grouped by outcome; totals begin with the whole window over all outcomes."""
    bands = _bands(ask)
    still_open = in_flight.open_cases(ask)
    groups = sorted({group for _, group in bands if group})
    totals = [_point(ask, None, group, bands, still_open) for group in [(), *groups]]
    points = [_point(ask, bucket, group, bands, still_open) for bucket, group in ask.grid(groups)]
    return KpiAnswer(
        definition=ask.definition,
        flow=ask.flow,
        window=ask.query.window,
        measures=ask.definition.measures,
        n=totals[0].n,
        in_flight=still_open.summary(),
        unknown_actor_n=totals[0].unknown_actor_n,
        totals=tuple(totals),
        points=tuple(points),
        cases_url=ask.links.url(),
        as_of=ask.query.as_of,
    )


def _bands(ask: Ask) -> dict[Cell, Counter[str]]:
    found: dict[Cell, Counter[str]] = defaultdict(Counter)
    dimension = ask.query.grouping == "dimension"
    for row in ask.rows("kpi_touchless_rate"):
        group = (*(ask.own_group(row["GroupValue"]) if dimension else ()), ("outcome", row["Outcome"]))
        for cell in cells(row["Bucket"], group):
            found[cell].update({band: row[band.title()] for band in _BANDS})
    return found


def _point(
    ask: Ask, bucket: Bucket | None, group: Group, bands: dict[Cell, Counter[str]], still_open: OpenCases
) -> Point:
    counts = bands.get((bucket.start if bucket else None, group), Counter())
    n = sum(counts.values())
    return Point(
        bucket=bucket,
        group=group,
        n=n,
        in_flight_n=still_open.count(bucket, tuple(pair for pair in group if pair[0] != "outcome")),
        unknown_actor_n=counts["unknown"],
        values=_values(counts, n),
        cases_url=ask.links.url(bucket, group),
    )


def _values(counts: Counter[str], n: int) -> dict[str, Value]:
    values: dict[str, Value] = {f"{band}_rate": ratio(counts[band], n) for band in _BANDS}
    return values | {f"{band}_n": counts[band] for band in _BANDS}
