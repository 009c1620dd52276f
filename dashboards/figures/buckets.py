"""The time axis that all KPI figures share, and what they say about one bucket."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import plotly.graph_objects as go

from dashboards import urls
from dashboards.figures import theme
from dashboards.wording import formats, kpi_values

Answer = Mapping[str, Any]
Point = Mapping[str, Any]

MAX_TICKS = 9
SMALL_N = 5
"""Points of fewer cases are drawn hollow: they move a lot by chance."""

_FORMATS = {"hour": "%d %b %H:%M", "day": "%a %d %b", "week": "%d %b<br>week %V", "month": "%b %Y"}


def wall(text: str) -> datetime:
    """A bucket's local start as plotly wants it: wall clock without offset."""
    return formats.instant(text).replace(tzinfo=None)


def buckets(answer: Answer) -> list[datetime]:
    """The starts of all buckets that have a point, in order."""
    return sorted({wall(point["bucket"]) for point in answer["points"] if point.get("bucket")})


def name(answer: Answer, start: datetime) -> str:
    """What a bucket is called in one line: ``week of 19 Oct 2026``, ``Oct 2026``."""
    interval = answer["window"]["interval"]
    if interval == "week":
        return f"week of {start:%a %d %b %Y}"
    return start.strftime(
        {"hour": "%a %d %b %Y, %H:%M", "day": "%a %d %b %Y", "month": "%B %Y"}.get(interval, "%d %b %Y")
    )


def time_axis(figure: go.Figure, answer: Answer, most: int = MAX_TICKS) -> None:
    """Ticks at bucket starts, thinned out from the latest backwards until at most ``most`` are left."""
    starts = buckets(answer)
    step = -(-len(starts) // most) or 1
    ticks = starts[::-1][::step][::-1]
    form = _FORMATS.get(answer["window"]["interval"], "%d %b")
    pad = _width(answer) / 2
    limits = [starts[0] - pad, starts[-1] + pad] if starts else None
    figure.update_xaxes(
        tickvals=ticks, ticktext=[tick.strftime(form) for tick in ticks], range=limits, fixedrange=True, tickangle=0
    )
    figure.update_yaxes(fixedrange=True, rangemode="tozero")


def unfinished(answer: Answer) -> tuple[datetime, datetime] | None:
    """The edges around the bucket in which ``as_of`` lies; None if the window is all past."""
    starts = buckets(answer)
    last = [point for point in answer["points"] if point.get("bucket") and wall(point["bucket"]) == starts[-1]]
    if not last or not last[0].get("bucket_end"):
        return None
    if formats.instant(last[0]["bucket_end"]) <= formats.instant(answer["as_of"]):
        return None
    half = _width(answer) / 2
    return starts[-1] - half, starts[-1] + half


def shade_unfinished(figure: go.Figure, answer: Answer, *, told: bool = True) -> None:
    """Marks the current bucket: its figures will still move. A panel has no room for words (``told``)."""
    edges = unfinished(answer)
    words = {"text": "not over yet", "font": {"size": 10, "color": theme.MUTED}}
    more = {"annotation": words, "annotation_position": "top right"} if told else {}
    if edges:
        figure.add_vrect(x0=edges[0], x1=edges[1], fillcolor=theme.TINT, line_width=0, layer="below", **more)


def _width(answer: Answer) -> timedelta:
    sizes = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
    return sizes.get(answer["window"]["interval"], timedelta(days=30))


def hover(answer: Answer, point: Point, measure_ids: Sequence[str]) -> str:
    """Group, bucket, the figures, and how many cases are behind them."""
    unknown = point.get("unknown_actor_n")
    lines = [
        f"<b>{theme.text(kpi_values.group_name(point['group']), 60)}</b>",
        name(answer, wall(point["bucket"])) if point.get("bucket") else "whole window",
        *(
            theme.text(f"{kpi_values.title(answer, one)}: {kpi_values.value(answer, point, one)}")
            for one in measure_ids
        ),
        f"{formats.plural(point['n'], 'case')}, {formats.count(point['in_flight_n'])} in flight"
        + (f", {unknown} with unknown actors" if unknown else ""),
        "<i>click for the cases</i>",
    ]
    return "<br>".join(lines)


def link(answer: Answer, point: Point, measure: str) -> str:
    """The page of those cases of a point that a measure is about; empty if the answer gives none."""
    return urls.cases_of(point.get("cases_url"), kpi_values.band(answer, measure)) or ""
