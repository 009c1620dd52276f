"""Retries over time, stacked by where they happened; with segments the colour is the segment's."""

from collections.abc import Mapping

import plotly.graph_objects as go

from dashboards import measures
from dashboards.figures import lines, theme
from dashboards.figures.buckets import Answer, hover, link, shade_unfinished, time_axis, wall

MEASURE = "retries"
PLACE = ("step", "system")
HEIGHT = 264


def retries(answer: Answer) -> go.Figure:
    """One bar for each bucket; each part of it is one group and leads to its cases."""
    figure = theme.figure(height=HEIGHT, margin={"t": 34}, barmode="stack")
    told = [entry["id"] for entry in answer["measures"]]
    groups = drawn(answer)
    names = list(dict.fromkeys(_name(group) for group in groups))
    colour, in_legend = lines.colours(names), set[str]()
    for group in sorted(groups, key=lambda group: names.index(_name(group))):
        points, name = lines.of_group(answer, group), _name(group)
        figure.add_bar(
            x=[wall(point["bucket"]) for point in points],
            y=[measures.number(point, MEASURE) for point in points],
            name=theme.text(name, 28),
            legendgroup=name,
            showlegend=name not in in_legend,
            marker={"color": colour[name], "line": {"color": theme.PAPER, "width": 0.5}},
            hovertext=[hover(answer, point, told) for point in points],
            hoverinfo="text",
            customdata=[link(point) for point in points],
        )
        in_legend.add(name)
    time_axis(figure, answer)
    shade_unfinished(figure, answer)
    figure.update_layout(showlegend=True)
    return figure


def drawn(answer: Answer) -> list[dict[str, str]]:
    """The groups in the figure: those of the first few names; the rest is left to the table."""
    groups = lines.groups(answer)
    names = list(dict.fromkeys(_name(group) for group in groups))[: lines.MAX_SERIES]
    return [group for group in groups if _name(group) in names]


def _name(group: Mapping[str, str]) -> str:
    """The segment, where there is one; else step and system."""
    segment = {name: value for name, value in group.items() if name not in PLACE}
    return measures.group_name(segment or group)
