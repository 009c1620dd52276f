"""A plotly figure that ``assets/chart.js`` draws when it scrolls into view.

Why not ``dcc.Graph``? It draws all figures of a page at once, and calls the server at each click.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dash.development.base_component import Component

CONFIG = {"displayModeBar": False, "doubleClick": "reset"}


class Chart(Component):  # type: ignore[misc] # Dash has no types
    """A click on a mark opens its ``customdata``: an address, or the number of an event in the list."""

    _namespace = "flowtrail"
    _type = "Chart"
    _children_props: Sequence[str] = []
    _base_nodes: Sequence[str] = ["children"]
    _valid_wildcard_attributes: Sequence[str] = []

    def __init__(self, figure: Any, name: str = "", style: Mapping[str, str] | None = None) -> None:
        """``name`` is the id of the element. The height is that of the figure; ``style`` adds to it."""
        self._prop_names = ["id", "figure", "config", "style"]
        self.available_properties = self._prop_names
        self.available_wildcard_properties: list[str] = []
        sized = {"height": f"{figure.layout.height}px", **(style or {})}
        super().__init__(**({"id": name} if name else {}), figure=figure, config=CONFIG, style=sized)
