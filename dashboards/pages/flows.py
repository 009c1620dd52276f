"""The page of all flows that are declared or have cases."""

from typing import Any

from dash import html

from dashboards.api.current import api
from dashboards.api.errors import DashboardError
from dashboards.components.empty import no_data
from dashboards.components.flows.flow_card import flow_card
from dashboards.components.problem import problem
from dashboards.zones import reader_zone

title = "Flows · Flowtrail"


def layout(**_query: Any) -> Any:
    """``/flows``."""
    try:
        flows = api().flows()
    except DashboardError as error:
        return problem(error)
    if not flows:
        return html.Div(no_data(), className="page")
    zone = reader_zone()
    return html.Div(
        [
            html.Header(
                [html.H1("Flows"), html.P("The business processes that cases run through.", className="note")],
                className="page-head",
            ),
            html.Div([flow_card(flow, zone) for flow in flows], className="flows"),
        ],
        className="page",
    )
