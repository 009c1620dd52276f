"""Time to fulfil: Kaplan-Meier over a start cohort, and apart from it plain percentiles of what ended."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from cases import instants
from cases.kpis.answer import InFlight, KpiAnswer, Point
from cases.kpis.kaplan_meier import TOLERANCE, Crossing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cases.kpis.answer import Group, Value
    from cases.kpis.ask import Ask, Cell
    from cases.kpis.window import Bucket
    from store.client import Row

_KM: Final = {"km_median_s": Fraction(1, 2), "km_p90_s": Fraction(1, 10)}
"""The share of cases still open at each quantile."""

_PLAIN: Final = ("plain_median_s", "plain_p90_s")
_POINT, _GROUP, _ALL = 0, 1, 2


def answer(ask: Ask) -> KpiAnswer:
    """Totals begin with the whole window over all groups."""
    levels = _levels(ask)
    shares = [float(share) for share in _KM.values()]
    curves = _by_cell(ask, ask.rows("kpi_time_to_fulfil", levels=levels, shares=shares, tolerance=TOLERANCE))
    finished = _by_cell(ask, ask.rows("kpi_time_finished", levels=levels))
    groups = sorted({group for _, group in (*curves, *finished) if group})
    totals = [_point(ask, None, group, curves, finished) for group in [(), *groups]]
    points = [_point(ask, bucket, group, curves, finished) for bucket, group in ask.grid(groups or [()])]
    whole = curves.get((None, ()))
    return KpiAnswer(
        definition=ask.definition,
        flow=ask.flow,
        window=ask.query.window,
        measures=ask.definition.measures,
        n=totals[0].n,
        in_flight=InFlight(whole["InFlight"], whole["Oldest"] / instants.SECOND)
        if whole and whole["InFlight"]
        else InFlight(0, None),
        unknown_actor_n=None,
        totals=tuple(totals),
        points=tuple(points),
        cases_url=ask.links.url(),
        as_of=ask.query.as_of,
    )


def _levels(ask: Ask) -> list[int]:
    """Curves do not add up, so each level of totals is computed from the cases; but none twice."""
    levels = [_GROUP] if ask.query.grouping != "dimension" else [_GROUP, _ALL]
    return [_POINT, *levels] if len(ask.query.window.buckets) > 1 else levels


def _by_cell(ask: Ask, rows: Iterable[Row]) -> dict[Cell, Row]:
    found: dict[Cell, Row] = {}
    single = [bucket.start for bucket in ask.query.window.buckets] if len(ask.query.window.buckets) == 1 else []
    for row in rows:
        group = () if row["Level"] == _ALL else ask.own_group(row["GroupValue"])
        buckets = [row["Bucket"]] if row["Level"] == _POINT else [None, *single]
        found.update({(bucket, group): row for bucket in buckets})
    return found


def _point(ask: Ask, bucket: Bucket | None, group: Group, curves: dict[Cell, Row], finished: dict[Cell, Row]) -> Point:
    cell = bucket.start if bucket else None, group
    curve, ended = curves.get(cell), finished.get(cell)
    values, bounds = _kaplan_meier(curve)
    times = ended["Times"] if ended else [None] * len(_PLAIN)
    values |= {name: None if time is None else time / instants.SECOND for name, time in zip(_PLAIN, times, strict=True)}
    return Point(
        bucket=bucket,
        group=group,
        n=curve["Cases"] if curve else 0,
        in_flight_n=curve["InFlight"] if curve else 0,
        unknown_actor_n=None,
        values=values | {"finished_n": ended["Finished"] if ended else 0},
        cases_url=ask.links.url(bucket, group),
        bounds=bounds,
    )


def _kaplan_meier(curve: Row | None) -> tuple[dict[str, Value], dict[str, float]]:
    """Seconds at each quantile, and instead of those that the curve does not reach how long it was followed."""
    values: dict[str, Value] = dict.fromkeys(_KM)
    bounds: dict[str, float] = {}
    if not curve:
        return values, bounds
    for index, (name, share) in enumerate(_KM.items()):
        first, surely = curve["First"][index], curve["FirstSurely"][index]
        rank = Crossing(curve["Cases"], first, surely, curve["OpenBefore"]).rank(share)
        if rank:
            values[name] = curve["Times" if rank == first else "TimesSurely"][index] / instants.SECOND
        else:
            bounds[name] = curve["Followed"] / instants.SECOND
    return values, bounds
