"""Links that download cases as files."""

from typing import Any

from dash import html

from dashboards.serving.downloads import FORMATS, address
from dashboards.urls import Query


def exports(flow: str, selection: Query) -> Any:
    """One link per format. Plain links, because a download is not a page of the app."""
    links = [
        html.A(name, href=address(flow, selection, kind), className="chip", download="")
        for kind, name in FORMATS.items()
    ]
    return html.Nav(
        [html.Span("Download", className="chip"), *links], className="chips exports", **{"aria-label": "Download"}
    )
