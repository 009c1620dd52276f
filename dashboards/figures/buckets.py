"""The time axis of all KPI figures, and the hover text and link of one bucket."""

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
"""Points of fewer cases are drawn hollow, because they vary a lot by chance."""

_FORMATS = {"hour": "%d %b %H:%M", "day": "%a %d %b", "week": "%d %b<br>week %V", "month": "%b %Y"}


def wall(text: str) -> datetime:
    """The start of a bucket as plotly needs it: local time without an offset, because plotly knows no time zones."""
    return formats.instant(text).replace(tzinfo=None)


def buckets(answer: Answer) -> list[datetime]:
    """The starts of all buckets that have a point, in order."""
    return sorted({wall(point["bucket"]) for point in answer["points"] if point.get("bucket")})


def name(answer: Answer, start: datetime) -> str:
    """The name of a bucket: ``week of Mon 19 Oct 2026``, ``October 2026``."""
    interval = answer["window"]["interval"]
    if interval == "week":
        return f"week of {start:%a %d %b %Y}"
    return start.strftime(
        {"hour": "%a %d %b %Y, %H:%M", "day": "%a %d %b %Y", "month": "%B %Y"}.get(interval, "%d %b %Y")
    )


def time_axis(figure: go.Figure, answer: Answer, most: int = MAX_TICKS) -> None:
    """Ticks at the starts of at most ``most`` buckets: every n-th, counted back from the latest."""
    starts = buckets(answer)
    step = -(-len(starts) // most) or 1  # Rounded up.
    ticks = starts[::-1][::step][::-1]
    form = _FORMATS.get(answer["window"]["interval"], "%d %b")
    pad = _width(answer) / 2
    limits = [starts[0] - pad, starts[-1] + pad] if starts else None
    figure.update_xaxes(
        tickvals=ticks, ticktext=[tick.strftime(form) for tick in ticks], range=limits, fixedrange=True, tickangle=0
    )
    figure.update_yaxes(fixedrange=True, rangemode="tozero")


def unfinished(answer: Answer) -> tuple[datetime, datetime] | None:
    """The edges of the bucket that contains ``as_of``; None if all buckets are over."""
    starts = buckets(answer)
    last = [point for point in answer["points"] if point.get("bucket") and wall(point["bucket"]) == starts[-1]]
    if not last or not last[0].get("bucket_end"):
        return None
    if formats.instant(last[0]["bucket_end"]) <= formats.instant(answer["as_of"]):
        return None
    half = _width(answer) / 2
    return starts[-1] - half, starts[-1] + half


def shade_unfinished(figure: go.Figure, answer: Answer, *, labelled: bool = True) -> None:
    """Shades the current bucket, whose figures will still change. A small panel has no room for the label."""
    edges = unfinished(answer)
    words = {"text": "incomplete", "font": {"size": 10, "color": theme.MUTED}}
    more = {"annotation": words, "annotation_position": "top right"} if labelled else {}
    if edges:
        figure.add_vrect(x0=edges[0], x1=edges[1], fillcolor=theme.TINT, line_width=0, layer="below", **more)


def _width(answer: Answer) -> timedelta:
    sizes = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
    return sizes.get(answer["window"]["interval"], timedelta(days=30))


def hover(answer: Answer, point: Point, measure_ids: Sequence[str]) -> str:
    """The hover text of a point: group, bucket, figures and number of cases."""
    unknown = point.get("unknown_actor_n")
    lines = [
        f"<b>{theme.text(kpi_values.group_name(point['group']), 60)}</b>",
        name(answer, wall(point["bucket"])) if point.get("bucket") else "whole window",
        *(
            theme.text(f"{kpi_values.title(answer, measure)}: {kpi_values.value(answer, point, measure)}")
            for measure in measure_ids
        ),
        f"{formats.plural(point['n'], 'case')}, {formats.count(point['in_flight_n'])} in flight"
        + (f", {unknown} with unknown actors" if unknown else ""),
        "<i>click to list the cases</i>",
    ]
    return "<br>".join(lines)


def link(answer: Answer, point: Point, measure: str) -> str:
    """The address of the cases that a measure of a point is about; empty if there is none."""
    return urls.cases_of(point.get("cases_url"), kpi_values.band(answer, measure)) or ""
