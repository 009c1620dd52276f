"""The page of one flow: its declaration, and findings where declaration and events differ."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from dash import html

from dashboards.api.current import api
from dashboards.api.errors import DashboardError
from dashboards.components.drawing import drawing
from dashboards.components.facts import facts
from dashboards.components.flows.findings import findings, hubs_table
from dashboards.components.flows.flow_card import flow_figures, flow_links
from dashboards.components.flows.steps import steps_table
from dashboards.components.problem import problem
from dashboards.figures.paths import edges_of, paths
from dashboards.wording import formats
from dashboards.wording.declaration import owner, words
from dashboards.zones import reader_zone

Flow = Mapping[str, Any]


def title(name: str = "") -> str:
    """The title of the browser tab."""
    return f"{unquote(name)} · Flowtrail" if name else "Flowtrail"


def layout(name: str = "", **_query: Any) -> Any:
    """``/flows/<name>``."""
    client, flow = api(), unquote(name)
    try:
        return page(client.flow(flow), client.hubs(flow))
    except DashboardError as error:
        return problem(error)


def page(flow: Flow, hubs: Sequence[Mapping[str, Any]]) -> Any:
    """The page as a function of the API's answers."""
    return html.Div(
        [
            _heading(flow),
            _pending(flow),
            html.Div([_observed(flow), findings(flow)], className="top"),
            *([_declared(flow), _paths(flow), _steps(flow)] if flow.get("declared") else [_undeclared(flow)]),
            hubs_table(hubs, reader_zone()),
        ],
        className="page",
    )


def _heading(flow: Flow) -> Any:
    version, who = flow.get("version") or ", ".join(flow.get("versions") or []), owner(flow)
    parts = [f"Version {version}" if version else "", f"Owner: {who}" if who else "No owner is declared"]
    return html.Header(
        [html.H1(flow["name"]), html.P(". ".join(part for part in parts if part), className="note")],
        className="page-head",
    )


def _pending(flow: Flow) -> Any:
    if not flow.get("pending"):
        return None
    return html.P(
        "The declaration has changed and the cases are being rebuilt. Figures and trails follow the new declaration "
        "once the rebuild finishes.",
        className="pending card",
        role="status",
    )


def _observed(flow: Flow) -> Any:
    zone = reader_zone()
    return html.Section(
        [
            html.H2("Observed"),
            flow_figures(flow),
            html.P(f"First case {formats.moment(flow.get('first_start'), zone)}", className="note"),
            html.P(f"Last event {formats.moment(flow.get('last_event'), zone)}", className="note"),
            flow_links(flow["name"]),
        ],
        className="card",
    )


def _declared(flow: Flow) -> Any:
    return html.Section([html.H2("Declaration"), facts(words(flow))], className="card declared")


def _paths(flow: Flow) -> Any:
    lead, edges = str(flow.get("lead") or ""), edges_of(flow.get("paths") or [])
    if not edges:
        return None
    svg, width = paths(lead, edges)
    described = "; ".join(f"{source} leads to {target}" for source, target in edges)
    return html.Section(
        [
            html.H2("Paths"),
            html.P(
                "An event belongs to a case if the case reaches one of its identifiers along these arrows.",
                className="note",
            ),
            html.Div(drawing(svg, described, width=f"{width}px"), className="scroll paths-drawing"),
        ],
        className="card",
    )


def _steps(flow: Flow) -> Any:
    steps = flow.get("steps") or []
    table = steps_table(steps) if steps else html.P("No steps are declared.", className="note")
    return html.Section([html.H2("Steps"), table], className="card")


def _undeclared(flow: Flow) -> Any:
    return html.Section(
        [
            html.H2("Not declared"),
            html.P("Links are followed for one hop only. Steps, outcomes and the SLA are not known."),
            html.P(["Infer a declaration from the events: ", html.Code(f"flowtrail flows infer {flow['name']}"), "."]),
        ],
        className="card",
    )
