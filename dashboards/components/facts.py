"""A definition list of names and values."""

from collections.abc import Mapping
from typing import Any

from dash import html


def facts(entries: Mapping[str, Any]) -> Any:
    """A definition list. Entries with None or an empty text are left out."""
    shown = {name: value for name, value in entries.items() if value not in (None, "")}
    return html.Dl([html.Div([html.Dt(name), html.Dd(str(value))]) for name, value in shown.items()], className="facts")
