"""The list of cases behind a figure. The address contains the selection of the figure."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any
from urllib.parse import unquote

from dash import dcc, html

from dashboards import urls
from dashboards.api.current import api
from dashboards.api.errors import DashboardError
from dashboards.components.case_table import case_table
from dashboards.components.empty import empty
from dashboards.components.exports import exports
from dashboards.components.problem import problem
from dashboards.components.selection import selection as selected
from dashboards.wording import formats
from dashboards.zones import named, reader_zone

title = "Cases · Flowtrail"

_INTERNAL = {"redrawn"}


def layout(flow: str = "", **query: Any) -> Any:
    """``/cases/<flow>?…``: every parameter goes to the API unchanged."""
    name = unquote(flow)
    selection = {key: value for key, value in query.items() if key not in _INTERNAL}
    try:
        answer = api().cases(name, selection)
    except DashboardError as error:
        return problem(error)
    return page(name, selection, answer)


def page(flow: str, selection: Mapping[str, Any], answer: Mapping[str, Any]) -> Any:
    """The page as a function of the selection and the API's answer."""
    cases = answer["cases"]
    zone = named(urls.single(selection.get("tz"))) or reader_zone()
    return html.Div(
        [
            html.Header(
                [
                    html.H1(f"Cases of {flow}"),
                    html.P(_counted(answer, zone), className="note"),
                ],
                className="page-head",
            ),
            html.Div([selected(selection, zone), exports(flow, selection)], className="bar"),
            case_table(cases, zone)
            if cases
            else empty("No cases match this selection", "There may be no cases in its window."),
            html.Nav(_next(flow, selection, answer), className="links", **{"aria-label": "More cases"}),
        ],
        className="page",
    )


def _counted(answer: Mapping[str, Any], zone: tzinfo) -> str:
    shown, total = len(answer["cases"]), answer["n"]
    counted = formats.plural(total, "case")
    if total != shown:
        counted = f"{formats.count(shown)} of {counted}"
    return f"{counted}; times in {zone}"


def _next(flow: str, selection: Mapping[str, Any], answer: Mapping[str, Any]) -> list[Any]:
    if not answer["next"]:
        return []
    return [dcc.Link("Next cases", href=urls.cases(flow, {**selection, "cursor": answer["next"]}))]
