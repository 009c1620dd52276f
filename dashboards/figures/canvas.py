"""A figure under construction. Shapes and annotations are collected and set at once: plotly is slow at adding one."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboards.figures import theme

Note = tuple[Any, float, str]
"""x, y and the text there."""


class Canvas:
    """Collects the parts of a figure; ``done`` returns it."""

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
        """Text above the lanes. In paper coordinates, because plotly hides text outside of the axis range."""
        self._headings.append(
            {"x": x, "y": 1, "yref": "paper", "yanchor": "bottom", "xanchor": anchor, "yshift": 2, "text": words}
        )

    def notes(self, name: str, notes: Sequence[Note], colour: str = theme.INK) -> None:
        """Texts on the figure, as one trace."""
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
        """Rings around the marks of steps that a person did, ``size`` pixels wide."""
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
        """The finished figure."""
        self.figure.update_layout(shapes=self._shapes, annotations=self._headings)
        return self.figure


def _box(kind: str, x: tuple[Any, Any], y: tuple[float, float]) -> dict[str, Any]:
    return {"type": kind, "x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1]}
