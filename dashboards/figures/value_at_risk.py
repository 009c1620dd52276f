"""Value at risk over time, by what became of it: a panel for each currency, because amounts of two are never added."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.figures import lines, theme
from dashboards.figures.buckets import Answer, hover, link, shade_unfinished, time_axis, wall
from dashboards.figures.stacks import Stack, stacks
from dashboards.wording import kpi_values

FATES = {
    "recovered": ("recovered", theme.DONE),
    "undecided": ("not decided yet", theme.ACCENT),
    "lost": ("lost", theme.INFRASTRUCTURE),
}
MAX_PANELS = 2


def value_at_risk(answer: Answer) -> go.Figure:
    """Bars of what was recovered, is undecided and was lost; with segments, of all that was at risk in each."""
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
        told = [f"{one}_{currency}" for one in ("at_risk", *FATES)]
        for fate, (name, colour) in FATES.items():
            figure.add_bar(
                x=[wall(point["bucket"]) for point in points],
                y=[kpi_values.number(point, f"{fate}_{currency}") for point in points],
                name=name,
                legendgroup=fate,
                showlegend=place == 1,
                marker={"color": colour},
                hovertext=[hover(answer, point, told) for point in points],
                hoverinfo="text",
                customdata=[link(answer, point, f"{fate}_{currency}") for point in points],
                row=1,
                col=place,
            )
    time_axis(figure, answer, most=9 if len(shown) == 1 else 4)
    shade_unfinished(figure, answer, told=False)
    figure.update_annotations(font={"size": 11, "color": theme.MUTED})
    figure.update_layout(showlegend=True, legend={"y": 1.13})
    return figure
