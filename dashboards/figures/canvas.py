"""A figure under construction: shapes and words are collected and set at once, because adding them singly is slow."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboards.figures import theme

Note = tuple[Any, float, str]
"""x, y and the words there."""


class Canvas:
    """Collects what belongs on a figure; ``done`` hands the figure out."""

    def __init__(self, figure: go.Figure) -> None:
        self.figure = figure
        self._shapes: list[dict[str, Any]] = []
        self._headings: list[dict[str, Any]] = []

    def rect(self, x: tuple[Any, Any], y: tuple[float, float], fill: str, line: dict[str, Any] | None = None) -> None:
        """A rectangle behind the marks. ``line`` is its border, none by default."""
        border = line or {"width": 0}
        self._shapes.append(_box("rect", x, y) | {"fillcolor": fill, "line": border, "layer": "below"})

    def line(self, x: tuple[Any, Any], y: tuple[float, float], look: dict[str, Any]) -> None:
        """A straight line behind the marks."""
        self._shapes.append(_box("line", x, y) | {"line": look, "layer": "below"})

    def heading(self, x: Any, words: str, anchor: str) -> None:
        """Words above the lanes. In paper coordinates, because plotly hides what lies beyond an axis."""
        self._headings.append(
            {"x": x, "y": 1, "yref": "paper", "yanchor": "bottom", "xanchor": anchor, "yshift": 2, "text": words}
        )

    def notes(self, name: str, notes: Sequence[Note], colour: str = theme.INK) -> None:
        """Words at places on the figure, as one trace."""
        self.figure.add_scatter(
            x=[x for x, _, _ in notes],
            y=[y for _, y, _ in notes],
            text=[words for _, _, words in notes],
            mode="text",
            textfont={"size": 11, "color": colour},
            hoverinfo="skip",
            showlegend=False,
            name=name,
        )

    def rings(self, places: Sequence[tuple[Any, float]], size: int) -> None:
        """Rings around what a person did, ``size`` pixels wide."""
        self.figure.add_scatter(
            x=[x for x, _ in places],
            y=[y for _, y in places],
            mode="markers",
            marker={"symbol": "circle-open", "size": size, "color": theme.HUMAN, "line": {"width": 2}},
            hoverinfo="skip",
            showlegend=False,
            name="person",
        )

    def done(self) -> go.Figure:
        """The figure with everything on it."""
        self.figure.update_layout(shapes=self._shapes, annotations=self._headings)
        return self.figure


def _box(kind: str, x: tuple[Any, Any], y: tuple[float, float]) -> dict[str, Any]:
    return {"type": kind, "x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1]}
