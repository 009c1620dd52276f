"""Retries over time, stacked by where they happened."""

import plotly.graph_objects as go

from dashboards import measures
from dashboards.figures import lines, theme
from dashboards.figures.buckets import Answer, hover, link, shade_unfinished, time_axis, wall

MEASURE = "retries"
HEIGHT = 264


def retries(answer: Answer) -> go.Figure:
    """One bar for each bucket, one part for each group; groups beyond the palette are left to the table."""
    figure = theme.figure(height=HEIGHT, margin={"t": 34}, barmode="stack")
    told = [entry["id"] for entry in answer["measures"]]
    groups = lines.shown(answer)
    colour = lines.colours([measures.group_name(group) for group in groups])
    for group in groups:
        points, name = lines.of_group(answer, group), measures.group_name(group)
        figure.add_bar(
            x=[wall(point["bucket"]) for point in points],
            y=[measures.number(point, MEASURE) for point in points],
            name=theme.text(name, 28),
            marker={"color": colour[name]},
            hovertext=[hover(answer, point, told) for point in points],
            hoverinfo="text",
            customdata=[link(point) for point in points],
        )
    time_axis(figure, answer)
    shade_unfinished(figure, answer)
    figure.update_layout(showlegend=True)
    return figure
