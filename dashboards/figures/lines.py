"""Lines over buckets: one for each group, hollow where few cases are behind a point, triangles for bare bounds."""

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
    """How one measure of one group is drawn; ``cell`` names the subplot (row, col), if any.

    ``told`` are the measures that the hover text states.
    """

    measure: str
    name: str
    colour: str
    dash: str = "solid"
    symbol: str = "circle"
    cell: Mapping[str, int] | None = None
    legend: bool = True
    told: Sequence[str] = ()


def groups(answer: Answer) -> list[dict[str, str]]:
    """The groups that have points, the one with most cases first."""
    sizes: dict[tuple[tuple[str, str], ...], int] = {}
    for point in answer["points"]:
        key = tuple(point["group"].items())
        sizes[key] = sizes.get(key, 0) + int(point["n"]) + int(point["in_flight_n"] or 0)
    return [dict(key) for key in sorted(sizes, key=lambda key: (-sizes[key], key))]


def parts(answer: Answer) -> list[dict[str, str]]:
    """The groups without the whole, which would be counted twice beside its parts; the whole where it is all."""
    found = groups(answer)
    return [group for group in found if group] or found


def shown(answer: Answer) -> list[dict[str, str]]:
    """The groups that fit into one figure."""
    return parts(answer)[:MAX_SERIES]


def of_group(answer: Answer, group: Mapping[str, str]) -> list[Point]:
    """The points of one group in order of time."""
    own = [point for point in answer["points"] if point["group"] == group and point.get("bucket")]
    return sorted(own, key=lambda point: wall(point["bucket"]))


def add(figure: go.Figure, answer: Answer, points: Sequence[Point], line: Line) -> None:
    """Adds one line.

    What is only known as "more than" stands beside the line, not on it: the line would seem to fall.
    """
    known = [point for point in points if not kpi_values.bounded(point, line.measure)]
    _trace(figure, answer, known, line, "lines+markers")
    if len(known) < len(points):
        open_ended = [point for point in points if kpi_values.bounded(point, line.measure)]
        _trace(figure, answer, open_ended, replace(line, symbol="triangle-up", legend=False), "markers")


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
        hovertext=[hover(answer, point, line.told) for point in points],
        hoverinfo="text",
        customdata=[link(answer, point, line.measure) for point in points],
        connectgaps=False,
        **(line.cell or {}),
    )


def _uncertain(point: Point, measure: str) -> bool:
    return kpi_values.bounded(point, measure) or int(point["n"]) < SMALL_N


def colours(names: Sequence[Any]) -> dict[Any, str]:
    """A colour for each name; grey for those beyond the palette."""
    return {one: theme.SERIES[place] if place < len(theme.SERIES) else theme.MUTED for place, one in enumerate(names)}
