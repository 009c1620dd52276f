"""What stays on the screen while pages change: name, navigation and the search box."""

from typing import Any

import dash
from dash import dcc, html

PAGES = {"Orders": "/", "Business": "/business", "Flows": "/flows"}


def shell() -> Any:
    """The frame around every page. ``go`` navigates when a callback sets its address."""
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
                            html.Label("Find an order by any identifier", htmlFor="search", className="unseen"),
                            dcc.Input(
                                id="search",
                                type="search",
                                placeholder="Order, package, tracking number, invoice, trace id …",
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
