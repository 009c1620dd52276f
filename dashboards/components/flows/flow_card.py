"""A flow in short: its cases, its links between identifiers, and where to go from here."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.wording import formats


def flow_card(flow: Mapping[str, Any], zone: tzinfo) -> Any:
    """A card for lists of flows."""
    name = flow["name"]
    paths = [html.Li(path) for path in flow.get("paths") or []]
    return html.Section(
        [
            html.H3(dcc.Link(name, href=urls.flow(name))),
            flow_figures(flow),
            html.P(f"Last event {formats.moment(flow.get('last_event'), zone)}", className="note"),
            html.Ul(paths, className="paths", **{"aria-label": "Identifier paths"})
            if paths
            else html.P("Not declared: links are followed for one hop only.", className="note"),
            flow_links(name),
        ],
        className="card",
    )


def flow_figures(flow: Mapping[str, Any]) -> Any:
    """The number of cases, and of those in flight."""
    figures = {"Cases": formats.count(flow["cases"]), "In flight": formats.count(flow["in_flight"])}
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value, className="figure")]) for name, value in figures.items()],
        className="flow-figures",
    )


def flow_links(name: str) -> Any:
    """Links to the cases and the business figures of a flow."""
    links = {"Cases": urls.cases(name, {}), "Business figures": urls.business({"flow": name})}
    return html.P([dcc.Link(text, href=href) for text, href in links.items()], className="links")
