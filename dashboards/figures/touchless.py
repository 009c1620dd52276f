"""Touchless rate over time, always split by outcome: one line per outcome; with segments one panel per outcome."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.figures import lines, theme
from dashboards.figures.buckets import Answer, shade_unfinished, time_axis
from dashboards.figures.trend import share_axis
from dashboards.wording import kpi_values

MEASURE = "touchless_rate"
HOVER = ("touchless_rate", "touched_rate", "unknown_rate")
MAX_PANELS = 3
PANEL_HEIGHT = 176


def touchless(answer: Answer) -> go.Figure:
    """Rates from 0 to 100 %."""
    groups = drawn(answer)
    figure = _by_segment(answer, groups) if _segmented(groups) else _by_outcome(answer, groups)
    time_axis(figure, answer)
    shade_unfinished(figure, answer)
    share_axis(figure)
    return figure


def drawn(answer: Answer) -> list[dict[str, str]]:
    """The groups in the figure: the most frequent outcomes, and with segments the largest ones of these."""
    groups = [group for group in lines.groups(answer) if "outcome" in group]
    if not _segmented(groups):
        return groups[: lines.MAX_SERIES]
    outcomes, segments = _outcomes(groups)[:MAX_PANELS], _segments(groups)[: lines.MAX_SERIES]
    return [group for group in groups if group["outcome"] in outcomes and _segment(group) in segments]


def _segmented(groups: Sequence[Mapping[str, str]]) -> bool:
    return any(len(group) > 1 for group in groups)


def _outcomes(groups: Sequence[Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys(group["outcome"] for group in groups))


def _segments(groups: Sequence[Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys(_segment(group) for group in groups))


def _by_outcome(answer: Answer, groups: list[dict[str, str]]) -> go.Figure:
    figure = theme.figure(height=theme.CHART_PX, margin={"t": 34})
    colour = lines.colours([group["outcome"] for group in groups])
    for group in groups:
        line = lines.Line(MEASURE, group["outcome"] or "no outcome", colour[group["outcome"]], hover=HOVER)
        lines.add(figure, answer, lines.of_group(answer, group), line)
    figure.update_layout(showlegend=True)
    return figure


def _by_segment(answer: Answer, groups: list[dict[str, str]]) -> go.Figure:
    outcomes, colour = _outcomes(groups), lines.colours(_segments(groups))
    figure = make_subplots(
        rows=len(outcomes),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.16 / len(outcomes),
        row_titles=[theme.text(outcome or "no outcome", 20) for outcome in outcomes],
    )
    figure.update_layout(
        template=theme.TEMPLATE, uirevision="keep", height=PANEL_HEIGHT * len(outcomes) + 60, margin={"t": 34, "r": 30}
    )
    figure.update_annotations(font={"size": 12, "color": theme.INK})
    legends: set[str] = set()
    for group in groups:
        segment = _segment(group)
        cell = {"row": outcomes.index(group["outcome"]) + 1, "col": 1}
        line = lines.Line(MEASURE, segment, colour[segment], cell=cell, legend=segment not in legends, hover=HOVER)
        legends.add(segment)
        lines.add(figure, answer, lines.of_group(answer, group), line)
    return figure


def _segment(group: Mapping[str, str]) -> str:
    return kpi_values.group_name(group, without="outcome")
