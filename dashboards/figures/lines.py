"""Lines over buckets, one per group. Marks are hollow for few cases, and open triangles for lower bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import plotly.graph_objects as go

from dashboards.figures import theme
from dashboards.figures.buckets import SMALL_N, Answer, Point, hover, link, wall
from dashboards.wording import kpi_values

MAX_SERIES = 8


@dataclass(frozen=True)
class Line:
    """How one measure of one group is drawn.

    ``cell`` is the subplot (row and col), if any. ``hover`` are the measures in the hover text.
    """

    measure: str
    name: str
    colour: str
    dash: str = "solid"
    symbol: str = "circle"
    cell: Mapping[str, int] | None = None
    legend: bool = True
    hover: Sequence[str] = ()


def groups(answer: Answer) -> list[dict[str, str]]:
    """The groups that have points, the largest first."""
    sizes: dict[tuple[tuple[str, str], ...], int] = {}
    for point in answer["points"]:
        key = tuple(point["group"].items())
        sizes[key] = sizes.get(key, 0) + int(point["n"]) + int(point["in_flight_n"] or 0)
    return [dict(key) for key in sorted(sizes, key=lambda key: (-sizes[key], key))]


def parts(answer: Answer) -> list[dict[str, str]]:
    """The groups without the total, which would count every case twice; only the total if there is no other."""
    known = groups(answer)
    return [group for group in known if group] or known


def shown(answer: Answer) -> list[dict[str, str]]:
    """The groups in the figure: the largest ones."""
    return parts(answer)[:MAX_SERIES]


def of_group(answer: Answer, group: Mapping[str, str]) -> list[Point]:
    """The points of one group in order of time."""
    own = [point for point in answer["points"] if point["group"] == group and point.get("bucket")]
    return sorted(own, key=lambda point: wall(point["bucket"]))


def add(figure: go.Figure, answer: Answer, points: Sequence[Point], line: Line) -> None:
    """Adds one line.

    Lower bounds are drawn as marks without a line: connected, they would look like a fall.
    """
    known = [point for point in points if not kpi_values.bounded(point, line.measure)]
    _trace(figure, answer, known, line, "lines+markers")
    if len(known) < len(points):
        lower_bounds = [point for point in points if kpi_values.bounded(point, line.measure)]
        _trace(figure, answer, lower_bounds, replace(line, symbol="triangle-up", legend=False), "markers")


def _trace(figure: go.Figure, answer: Answer, points: Sequence[Point], line: Line, mode: str) -> None:
    figure.add_scatter(
        x=[wall(point["bucket"]) for point in points],
        y=[kpi_values.number(point, line.measure) for point in points],
        mode=mode,
        name=theme.text(line.name, 28),
        showlegend=line.legend,
        legendgroup=line.name,
        line={"color": line.colour, "width": 2, "dash": line.dash},
        marker={
            "size": 8 if line.symbol == "circle" else 10,
            "line": {"color": line.colour, "width": 2},
            "symbol": line.symbol,
            "color": [theme.PAPER if _uncertain(point, line.measure) else line.colour for point in points],
        },
        hovertext=[hover(answer, point, line.hover) for point in points],
        hoverinfo="text",
        customdata=[link(answer, point, line.measure) for point in points],
        connectgaps=False,
        **(line.cell or {}),
    )


def _uncertain(point: Point, measure: str) -> bool:
    return kpi_values.bounded(point, measure) or int(point["n"]) < SMALL_N


def colours(names: Sequence[Any]) -> dict[Any, str]:
    """A colour for each name; grey for names beyond the palette."""
    palette = theme.SERIES
    return {name: palette[place] if place < len(palette) else theme.MUTED for place, name in enumerate(names)}
