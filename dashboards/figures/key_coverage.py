"""Which hops carry an idempotency key: one bar per step at a system, over the whole window."""

from collections.abc import Mapping

import plotly.graph_objects as go

from dashboards.figures import theme
from dashboards.figures.buckets import Answer, Point, hover, link
from dashboards.wording import kpi_values

MEASURE = "key_coverage"
HOVER = (MEASURE, "attempts", "keyed_attempts")
MAX_BARS = 10
_BAR_PX, _AROUND_PX = 22, 56


def key_coverage(answer: Answer) -> go.Figure:
    """The share of attempts with a key, for the hops with most attempts, the busiest at the top."""
    shown = _busiest(answer)
    figure = theme.figure(height=max(theme.CHART_PX, _BAR_PX * len(shown) + _AROUND_PX), margin={"t": 8, "b": 28})
    figure.add_bar(
        orientation="h",
        y=[theme.text(kpi_values.group_name(point["group"]), 40) for point in shown],
        x=[kpi_values.number(point, MEASURE) for point in shown],
        text=[kpi_values.value(answer, point, MEASURE) for point in shown],
        textposition="outside",
        cliponaxis=False,
        textfont={"size": 11},
        marker={"color": theme.SERIES[0]},
        hovertext=[hover(answer, point, HOVER) for point in shown],
        hoverinfo="text",
        customdata=[link(answer, point, MEASURE) for point in shown],
    )
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1], fixedrange=True)
    figure.update_yaxes(autorange="reversed", fixedrange=True, showgrid=False)
    return figure


def drawn(answer: Answer) -> list[Mapping[str, str]]:
    """The groups in the figure. The others are in the table only."""
    return [point["group"] for point in _busiest(answer)]


def _busiest(answer: Answer) -> list[Point]:
    hops = [point for point in answer["totals"] if point["group"]] or list(answer["totals"])
    return sorted(hops, key=lambda point: -(kpi_values.number(point, "attempts") or 0.0))[:MAX_BARS]
