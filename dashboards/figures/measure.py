"""One business measure over time: bars for sums and increases, a line for values of one instant."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from dashboards.figures import theme
from dashboards.figures.buckets import Answer, Point, name, shade_unfinished, time_axis, wall
from dashboards.figures.lines import MAX_SERIES, colours
from dashboards.wording import formats, kpi_values

HEIGHT = 190
TICKS = 5
ADDED = frozenset({"sum", "increase"})
"""Aggregations whose buckets add up to the value of the window."""


def measure(answer: Answer) -> go.Figure:
    """A small figure, because the page shows several side by side. Buckets without values stay empty."""
    groups = drawn(answer)
    several = len(groups) > 1
    figure = theme.figure(height=HEIGHT, margin={"t": 30 if several else 8}, barmode="stack", showlegend=several)
    colour = colours([kpi_values.group_name(group) for group in groups])
    for group in groups:
        _series(figure, answer, group, colour[kpi_values.group_name(group)])
    time_axis(figure, answer, most=TICKS)
    shade_unfinished(figure, answer)
    if answer["agg"] not in ADDED:
        figure.update_yaxes(rangemode="normal")
    return figure


def drawn(answer: Answer) -> list[dict[str, str]]:
    """The groups in the figure: those with most values."""
    sizes = {tuple(point["group"].items()): int(point["n"]) for point in answer["totals"]}
    own = sorted((key for key in sizes if key), key=lambda key: (-sizes[key], key)) or [()]
    return [dict(key) for key in own[:MAX_SERIES]]


def _series(figure: go.Figure, answer: Answer, group: Mapping[str, str], colour: str) -> None:
    points = [point for point in answer["points"] if point["group"] == group]
    common: dict[str, Any] = {
        "x": [wall(point["bucket"]) for point in points],
        "y": [None if point["value"] is None else float(point["value"]) for point in points],
        "name": theme.text(kpi_values.group_name(group), 28),
        "hovertext": [_hover(answer, point) for point in points],
        "hoverinfo": "text",
    }
    if answer["agg"] in ADDED:
        figure.add_bar(**common, marker={"color": colour})
    else:
        line = {"color": colour, "width": 2}
        figure.add_scatter(**common, mode="lines+markers", line=line, marker={"size": 6, "color": colour})


def _hover(answer: Answer, point: Point) -> str:
    facts = [
        f"<b>{theme.text(kpi_values.group_name(point['group']), 60)}</b>" if point["group"] else "",
        name(answer, wall(point["bucket"])),
        f"{theme.text(answer['agg'])}: {theme.text(written(point['value'], answer['unit']), 60)}",
        counted(point),
    ]
    return "<br>".join(fact for fact in facts if fact)


def counted(point: Point) -> str:
    """``168 values of 2 series``."""
    return f"{formats.plural(point['n'], 'value')} of {formats.plural(point['series'], 'series', 'series')}"


def written(value: float | str | None, unit: str) -> str:
    """A value with its OpenTelemetry unit: ``{claim}`` becomes a word, ``1`` is left out, ``s`` becomes a duration."""
    if value is None:
        return formats.NONE
    if unit == "s":
        return formats.duration(float(value))
    if len(unit) == 3 and unit.isupper():
        return f"{formats.decimal(value)} {unit}"
    shown = f"{_grouped(value)} {unit.strip('{}') if unit != '1' else ''}"
    return shown.strip()


def _grouped(value: float | str) -> str:
    """Grouped by thousands, with at most three decimals."""
    number = Decimal(str(value))
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.3f}".rstrip("0").rstrip(".")
