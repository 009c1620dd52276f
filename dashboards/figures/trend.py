"""Lines over buckets for KPIs that are one rate or a few: one line per measure, or one per segment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboards.figures import lines, theme
from dashboards.figures.buckets import Answer, shade_unfinished, time_axis
from dashboards.wording import kpi_values


@dataclass(frozen=True)
class Trend:
    """Measures to draw, and their names; with segments only the first. ``hover`` adds some to the hover text."""

    measures: Mapping[str, str]
    hover: Sequence[str] = ()


def trend(answer: Answer, of: Trend) -> go.Figure:
    """Shares from 0 to 100 %, other values from 0 up."""
    figure = theme.figure(height=theme.CHART_PX, margin={"t": 34}, showlegend=True)
    groups = lines.shown(answer)
    hover = [*of.measures, *of.hover]
    if groups in ([{}], []):
        for place, (measure, name) in enumerate(of.measures.items()):
            line = lines.Line(measure, name, theme.SERIES[place], hover=hover)
            lines.add(figure, answer, lines.of_group(answer, {}), line)
    else:
        colour, measure = lines.colours([kpi_values.group_name(group) for group in groups]), next(iter(of.measures))
        for group in groups:
            name = kpi_values.group_name(group)
            lines.add(
                figure, answer, lines.of_group(answer, group), lines.Line(measure, name, colour[name], hover=hover)
            )
    time_axis(figure, answer)
    shade_unfinished(figure, answer)
    if kpi_values.unit(answer, next(iter(of.measures))) in kpi_values.SHARES:
        share_axis(figure)
    return figure


def share_axis(figure: go.Figure) -> None:
    """From 0 to 100 %, with room above for the label of the current bucket."""
    figure.update_yaxes(range=[-0.04, 1.16], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
