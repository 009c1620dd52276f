"""The frame around every page: name, search box, navigation."""

from typing import Any

import dash
from dash import dcc, html

PAGES = {"Search": "/", "Business": "/business", "Flows": "/flows"}


def shell() -> Any:
    """The frame. A callback navigates by setting the address of ``go``; ``redraw`` counts timer ticks."""
    return html.Div(
        [
            dcc.Location(id="go", refresh="callback-nav"),
            dcc.Store(id="redraw", data=0),
            html.Header(
                [
                    dcc.Link(
                        [html.Span(className="logo", **{"aria-hidden": "true"}), "Flowtrail"], href="/", id="home"
                    ),
                    html.Div(
                        [
                            html.Label("Find a case by any identifier", htmlFor="search", className="unseen"),
                            dcc.Input(
                                id="search",
                                type="search",
                                placeholder="Case id, package, tracking number, invoice, trace id …",
                                autoComplete="off",
                                spellCheck=False,
                                autoFocus=True,
                                maxLength=1000,
                            ),
                            html.Button("Find", id="search-button", type="button"),
                        ],
                        className="search",
                        role="search",
                    ),
                    html.Nav(
                        [dcc.Link(name, href=href) for name, href in PAGES.items()],
                        **{"aria-label": "Pages"},
                    ),
                ],
                className="top-bar",
            ),
            html.Main(dash.page_container, id="main"),
        ]
    )
