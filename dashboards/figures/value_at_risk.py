"""Value at risk over time, split into recovered, undecided and lost. One panel per currency."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.figures import lines, theme
from dashboards.figures.buckets import Answer, hover, link, shade_unfinished, time_axis, wall
from dashboards.figures.stacks import Stack, stacks
from dashboards.wording import kpi_values

PARTS = {
    "recovered": ("recovered", theme.DONE),
    "undecided": ("undecided", theme.ACCENT),
    "lost": ("lost", theme.INFRASTRUCTURE),
}
MAX_PANELS = 2


def value_at_risk(answer: Answer) -> go.Figure:
    """Bars stacked by recovered, undecided and lost; with segments, the value at risk of each segment."""
    shown = kpi_values.currencies(answer, "at_risk_")[:MAX_PANELS]
    if not shown:
        return theme.figure(height=theme.CHART_PX)
    if lines.parts(answer) not in ([{}], []):
        return stacks(answer, Stack(f"at_risk_{shown[0]}"))
    titles = [theme.text(currency, 8) for currency in shown]
    figure = make_subplots(rows=1, cols=len(shown), horizontal_spacing=0.12, subplot_titles=titles)
    figure.update_layout(
        template=theme.TEMPLATE, uirevision="keep", height=theme.CHART_PX, margin={"t": 56}, barmode="stack"
    )
    points = lines.of_group(answer, {})
    for place, currency in enumerate(shown, 1):
        in_hover = [f"{name}_{currency}" for name in ("at_risk", *PARTS)]
        for part, (name, colour) in PARTS.items():
            figure.add_bar(
                x=[wall(point["bucket"]) for point in points],
                y=[kpi_values.number(point, f"{part}_{currency}") for point in points],
                name=name,
                legendgroup=part,
                showlegend=place == 1,
                marker={"color": colour},
                hovertext=[hover(answer, point, in_hover) for point in points],
                hoverinfo="text",
                customdata=[link(answer, point, f"{part}_{currency}") for point in points],
                row=1,
                col=place,
            )
    time_axis(figure, answer, most=9 if len(shown) == 1 else 4)
    shade_unfinished(figure, answer, labelled=False)
    figure.update_annotations(font={"size": 11, "color": theme.MUTED})
    figure.update_layout(showlegend=True, legend={"y": 1.13})
    return figure
