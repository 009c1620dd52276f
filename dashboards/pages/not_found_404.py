"""Addresses that lead nowhere."""

from typing import Any

from dash import dcc, html


def layout(**_query: Any) -> Any:
    return html.Div(
        html.Section(
            [
                html.H1("There is no such page"),
                html.P("The address may be cut off: identifiers with special characters must be copied as a whole."),
                html.P(dcc.Link("Search for an order", href="/")),
            ],
            className="empty card",
        ),
        className="page",
    )
