"""Time to fulfil over time: Kaplan-Meier median and 90th percentile, or the median of each segment."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboards.figures import lines, theme
from dashboards.figures.buckets import Answer, shade_unfinished, time_axis
from dashboards.wording import formats, kpi_values

MEDIAN, P90, BUSINESS = "km_median_s", "km_p90_s", "business_km_median_s"
HOVER = (MEDIAN, P90, "plain_median_s")

_STEPS = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 432_000, 604_800, 1_209_600)


def time_to_fulfil(answer: Answer) -> go.Figure:
    """Durations from zero up. An open triangle is a lower bound."""
    figure = theme.figure(height=theme.CHART_PX, margin={"t": 34})
    groups = lines.shown(answer)
    if groups in ([{}], []):
        _quantiles(figure, answer)
    else:
        colour = lines.colours([kpi_values.group_name(group) for group in groups])
        for group in groups:
            name = kpi_values.group_name(group)
            lines.add(
                figure, answer, lines.of_group(answer, group), lines.Line(MEDIAN, name, colour[name], hover=HOVER)
            )
    time_axis(figure, answer)
    shade_unfinished(figure, answer)
    drawn = [
        value for point in answer["points"] for measure in (MEDIAN, P90) if (value := kpi_values.number(point, measure))
    ]
    figure.update_yaxes(**duration_axis(drawn))
    figure.update_layout(showlegend=True)
    return figure


def _quantiles(figure: go.Figure, answer: Answer) -> None:
    points = lines.of_group(answer, {})
    lines.add(figure, answer, points, lines.Line(P90, "90th percentile", theme.SERIES[7], dash="dot", hover=HOVER))
    lines.add(figure, answer, points, lines.Line(MEDIAN, "median", theme.SERIES[0], hover=HOVER))
    if kpi_values.has(answer, BUSINESS):
        line = lines.Line(BUSINESS, "median, business hours", theme.SERIES[2], dash="dash", hover=(BUSINESS,))
        lines.add(figure, answer, points, line)


def duration_axis(values: Sequence[float]) -> dict[str, list[float] | list[str]]:
    """At most six ticks at round durations, from zero to above the largest value."""
    top = max(values, default=60.0) * 1.1
    fitting = [step for step in _STEPS if top / step <= 5]
    step = fitting[0] if fitting else _STEPS[-1] * -(-top // (_STEPS[-1] * 5))
    ticks = [step * place for place in range(int(top // step) + 1)]
    return {
        "tickvals": ticks,
        "ticktext": [formats.duration(tick) if tick else "0" for tick in ticks],
        "range": [0, top],
    }
