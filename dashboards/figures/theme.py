"""The common look of all figures: colours, fonts, axes. ``assets/1_base.css`` has the same colours."""

import html
from typing import Any

import plotly.graph_objects as go

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif'

INK = "#17212e"
MUTED = "#5a6776"
LINE = "#e3e7ec"
STRONG_LINE = "#c3cad3"
PAPER = "#ffffff"
TINT = "#f5f7f9"
ACCENT = "#2459b3"

SERVICE = "#3a6ea8"
HUMAN = "#0f766e"
DONE = "#2c6e49"
BUSINESS = "#b45309"
INFRASTRUCTURE = "#b42318"
UNCLASSIFIED = "#6b3fa0"
PLAIN = "#8a95a3"
SHARED = "#7a5c00"

SERIES = ("#2f66b0", "#c2621a", "#2c8a68", "#8653ad", "#b3345f", "#75682f", "#3b97b3", "#69737f")
"""Colours of groups that have no fixed colour, in order of their size."""

TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(SERIES),
        "margin": {"l": 52, "r": 16, "t": 12, "b": 36},
        "hoverlabel": {
            "bgcolor": PAPER,
            "bordercolor": STRONG_LINE,
            "align": "left",
            "font": {"family": FONT, "size": 12, "color": INK},
        },
        "hovermode": "closest",
        "dragmode": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "font": {"size": 12, "color": MUTED},
            "bgcolor": "rgba(0,0,0,0)",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "xaxis": {
            "showgrid": False,
            "zeroline": False,
            "linecolor": STRONG_LINE,
            "ticks": "outside",
            "ticklen": 4,
            "tickcolor": STRONG_LINE,
            "tickfont": {"size": 11, "color": MUTED},
            "title": {"font": {"size": 11, "color": MUTED}},
            "automargin": True,
        },
        "yaxis": {
            "gridcolor": LINE,
            "zeroline": False,
            "linecolor": "rgba(0,0,0,0)",
            "tickfont": {"size": 11, "color": MUTED},
            "title": {"font": {"size": 11, "color": MUTED}},
            "automargin": True,
        },
        "annotationdefaults": {"font": {"size": 11, "color": MUTED}, "showarrow": False},
        "bargap": 0.32,
    }
)


CHART_PX = 240
"""Height of the chart on a KPI card, in pixels."""


def figure(**layout: Any) -> go.Figure:
    """An empty figure with the common look."""
    return go.Figure(layout={"template": TEMPLATE, "uirevision": "keep", **layout})


def text(value: object, limit: int = 0) -> str:
    """Telemetry as plain text. Plotly interprets some HTML tags in labels and hover texts, so they are escaped.

    A ``limit`` above 0 cuts longer texts and adds an ellipsis.
    """
    plain = " ".join(str(value).split())
    if limit and len(plain) > limit:
        plain = plain[: limit - 1] + "…"
    return html.escape(plain, quote=False)


def faded(colour: str, alpha: float) -> str:
    """``#rrggbb`` as an rgba() colour."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
