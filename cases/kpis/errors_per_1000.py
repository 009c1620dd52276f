"""Errors per 1,000: cases with an error, and failed attempts, by the class of the error."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from cases.kpis.answer import KpiAnswer, Point
from cases.kpis.ask import Ask, ratio, shared_count
from cases.kpis.cohort import Tally

if TYPE_CHECKING:
    from cases.kpis.answer import Group, Value
    from cases.kpis.window import Bucket

_CLASSES: Final = ("Business", "Infrastructure", "Unclassified")
_COUNTS: Final = (
    "CasesAny",
    *(f"Cases{name}" for name in _CLASSES),
    "Attempts",
    *(f"Failed{name}Attempts" for name in _CLASSES),
)


def answer(ask: Ask) -> KpiAnswer:
    """Totals begin with the whole window over all groups."""
    tally = Tally.of(ask, ask.shared_rows("kpi_started"), _COUNTS)
    totals = [_point(ask, None, group, tally) for group in tally.total_groups]
    points = [_point(ask, bucket, group, tally) for bucket, group in ask.grid(tally.groups)]
    return KpiAnswer(
        definition=ask.definition,
        flow=ask.flow,
        window=ask.query.window,
        measures=ask.definition.measures,
        n=totals[0].n,
        in_flight=tally.in_flight(ask),
        unknown_actor_n=None,
        totals=tuple(totals),
        points=tuple(points),
        cases_url=ask.links.url(),
        as_of=ask.query.as_of,
    )


def _point(ask: Ask, bucket: Bucket | None, group: Group, tally: Tally) -> Point:
    counts = tally.counts.get((bucket.start if bucket else None, group), Counter())
    return Point(
        bucket=bucket,
        group=group,
        n=counts["Cases"],
        in_flight_n=counts["InFlight"],
        unknown_actor_n=None,
        values=_values(counts),
        cases_url=ask.links.url(bucket, group),
    )


def _values(counts: Counter[str]) -> dict[str, Value]:
    failed = {name: counts[f"Failed{name}Attempts"] for name in _CLASSES}
    values: dict[str, Value] = {"cases_with_error_per_1000": ratio(counts["CasesAny"], counts["Cases"], 1000)}
    for name in _CLASSES:
        values[f"cases_with_error_per_1000_{name.lower()}"] = ratio(counts[f"Cases{name}"], counts["Cases"], 1000)
    values["failed_attempts_per_1000"] = ratio(sum(failed.values()), counts["Attempts"], 1000)
    for name in _CLASSES:
        values[f"failed_attempts_per_1000_{name.lower()}"] = ratio(failed[name], counts["Attempts"], 1000)
    return values | {
        "cases_with_error": counts["CasesAny"],
        "failed_attempts": shared_count(sum(failed.values())),
        "attempts": shared_count(counts["Attempts"]),
    }
