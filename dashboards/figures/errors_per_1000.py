"""Errors per 1,000 in two panels: cases with an error, and failed attempts. Split by class, or by segment."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.figures import lines, theme
from dashboards.figures.buckets import Answer, shade_unfinished, time_axis
from dashboards.figures.marks import LOOKS
from dashboards.wording import kpi_values

PANELS = {"cases_with_error_per_1000": "cases with an error", "failed_attempts_per_1000": "failed attempts"}
CLASSES = {name: LOOKS[name] for name in ("business", "infrastructure", "unclassified")}


def errors_per_1000(answer: Answer) -> go.Figure:
    """Two panels with lines. Not stacked, because a case with errors of two classes counts in both."""
    figure = make_subplots(
        rows=1, cols=2, horizontal_spacing=0.09, subplot_titles=[f"per 1,000: {name}" for name in PANELS.values()]
    )
    figure.update_layout(template=theme.TEMPLATE, uirevision="keep", height=theme.CHART_PX, margin={"t": 56})
    groups = lines.shown(answer)
    for place, measure in enumerate(PANELS, 1):
        if groups in ([{}], []):
            _classes(figure, answer, measure, place)
        else:
            _segments(figure, answer, measure, place, groups)
    time_axis(figure, answer, most=4)
    shade_unfinished(figure, answer, labelled=False)
    figure.update_annotations(font={"size": 11, "color": theme.MUTED})
    figure.update_layout(showlegend=True, legend={"y": 1.13})
    return figure


def _classes(figure: go.Figure, answer: Answer, measure: str, place: int) -> None:
    points = lines.of_group(answer, {})
    hover = (measure, *(f"{measure}_{name}" for name in CLASSES))
    for error_class, look in CLASSES.items():
        cell = {"row": 1, "col": place}
        line = lines.Line(
            f"{measure}_{error_class}",
            look.name,
            look.colour,
            symbol=look.symbol,
            cell=cell,
            legend=place == 1,
            hover=hover,
        )
        lines.add(figure, answer, points, line)


def _segments(figure: go.Figure, answer: Answer, measure: str, place: int, groups: list[dict[str, str]]) -> None:
    colour = lines.colours([kpi_values.group_name(group) for group in groups])
    for group in groups:
        name = kpi_values.group_name(group)
        line = lines.Line(
            measure, name, colour[name], cell={"row": 1, "col": place}, legend=place == 1, hover=(measure,)
        )
        lines.add(figure, answer, lines.of_group(answer, group), line)
