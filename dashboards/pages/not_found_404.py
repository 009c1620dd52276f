"""The page for unknown addresses."""

from typing import Any

from dash import dcc, html


def layout(**_query: Any) -> Any:
    return html.Div(
        html.Section(
            [
                html.H1("Page not found"),
                html.P("The address may be incomplete. Copy all of it, including special characters."),
                html.P(dcc.Link("Search for a case", href="/")),
            ],
            className="empty card",
        ),
        className="page",
    )
