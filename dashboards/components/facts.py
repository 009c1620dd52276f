"""Names and values side by side; what has no value is left out."""

from collections.abc import Mapping
from typing import Any

from dash import html


def facts(entries: Mapping[str, Any]) -> Any:
    """A definition list of everything that is neither None nor empty."""
    kept = {name: value for name, value in entries.items() if value not in (None, "")}
    return html.Dl([html.Div([html.Dt(name), html.Dd(str(value))]) for name, value in kept.items()], className="facts")
