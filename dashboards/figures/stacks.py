"""Bars over buckets, stacked by group. For figures that add up over groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go

from dashboards.figures import lines, theme
from dashboards.figures.buckets import Answer, Point, hover, link, shade_unfinished, time_axis, wall
from dashboards.wording import kpi_values

COUNT = "n"
"""Stands for the n of a point, which is no measure of its own."""


@dataclass(frozen=True)
class Stack:
    """How groups are stacked. ``own`` are the groupings that the KPI always has, in addition to the chosen segment.

    ``colours`` has fixed colours for some names; the others take them from the palette.
    """

    measure: str
    own: Sequence[str] = ()
    colours: Mapping[str, str] = field(default_factory=dict)

    def name(self, group: Mapping[str, str]) -> str:
        """The segment if there is one, else the KPI's own groupings."""
        segment = {name: value for name, value in group.items() if name not in self.own}
        return kpi_values.group_name(segment or group)


RETRIES = Stack("retries", ("step", "system"))
EXCEPTIONS = Stack(
    "opened",
    ("class",),
    {
        "business": theme.BUSINESS,
        "infrastructure": theme.INFRASTRUCTURE,
        "unclassified": theme.UNCLASSIFIED,
    },
)
ROUTES = Stack(COUNT)


def stacks(answer: Answer, stack: Stack) -> go.Figure:
    """One bar per bucket. Each part of it is one group and links to its cases."""
    figure = theme.figure(height=theme.CHART_PX, margin={"t": 34}, barmode="stack")
    in_hover = [entry["id"] for entry in answer["measures"]][:8]
    groups = drawn(answer, stack)
    names = list(dict.fromkeys(stack.name(group) for group in groups))
    colour, in_legend = {**lines.colours(names), **stack.colours}, set[str]()
    for group in sorted(groups, key=lambda group: names.index(stack.name(group))):
        points, name = lines.of_group(answer, group), stack.name(group)
        figure.add_bar(
            x=[wall(point["bucket"]) for point in points],
            y=[_size(point, stack.measure) for point in points],
            name=theme.text(name, 28),
            legendgroup=name,
            showlegend=name not in in_legend,
            marker={"color": colour[name], "line": {"color": theme.PAPER, "width": 0.5}},
            hovertext=[hover(answer, point, in_hover) for point in points],
            hoverinfo="text",
            customdata=[link(answer, point, stack.measure) for point in points],
        )
        in_legend.add(name)
    time_axis(figure, answer)
    shade_unfinished(figure, answer)
    figure.update_layout(showlegend=True)
    figure.update_yaxes(range=[0, 1.16 * _tallest(answer, groups, stack.measure)])
    return figure


def _tallest(answer: Answer, groups: Sequence[Mapping[str, str]], measure: str) -> float:
    """The height of the tallest bar, above which the label of the current bucket needs room."""
    heights: dict[str, float] = {}
    for point in answer["points"]:
        if point["group"] in groups and point.get("bucket"):
            heights[point["bucket"]] = heights.get(point["bucket"], 0.0) + (_size(point, measure) or 0.0)
    return max(heights.values(), default=0.0) or 1.0


def drawn(answer: Answer, stack: Stack) -> list[dict[str, str]]:
    """The groups in the figure: those of the largest names. The others are in the table only."""
    groups = lines.parts(answer)
    names = list(dict.fromkeys(stack.name(group) for group in groups))[: lines.MAX_SERIES]
    return [group for group in groups if stack.name(group) in names]


def _size(point: Point, measure: str) -> float | None:
    return float(point["n"]) if measure == COUNT else kpi_values.number(point, measure)
