"""The start page, and the results of a search: a list of matches, or help if there are none."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dash import Input, Output, State, html, no_update

from dashboards import urls
from dashboards.api.current import api
from dashboards.api.errors import DashboardError
from dashboards.components.case_table import case_table
from dashboards.components.empty import no_data
from dashboards.components.flows.flow_card import flow_card
from dashboards.components.problem import problem
from dashboards.pages import trail
from dashboards.typed_dash import callback
from dashboards.wording import formats
from dashboards.zones import reader_zone


def layout(q: Any = "", **query: Any) -> Any:
    """``/`` and ``/trail?q=``. A single exact match shows its trail under the same address."""
    text = urls.single(q).strip()
    try:
        return _results(text, query) if text else _start(api().flows(), reader_zone())
    except DashboardError as error:
        return problem(error)


def _results(text: str, query: Mapping[str, Any]) -> Any:
    answer = api().search(text)
    results = answer["results"]
    exact = [result for result in results if result["exact"]]
    if len(exact) == 1:
        return trail.show(exact[0]["flow"], exact[0]["case_id"], query)
    return _hits(text, exact or results, reader_zone(), truncated=answer["truncated"]) if results else _nothing(text)


def _hits(text: str, results: Sequence[Mapping[str, Any]], zone: tzinfo, *, truncated: bool) -> Any:
    exact = results[0]["exact"]
    what = "have the identifier" if exact else "have an identifier that begins with"
    return html.Div(
        [
            html.Header(
                [
                    html.H1([f"{formats.plural(len(results), 'case')} {what} ", html.Code(text)]),
                    html.P(
                        "Several cases can have the same identifier, such as a package with items of three orders."
                        if exact
                        else "No case has exactly this identifier. Did you mean one of these?",
                        className="note",
                    ),
                ],
                className="page-head",
            ),
            case_table(results, zone, matched=True),
            html.P("There are more. Type more of the identifier to see fewer.", className="note")
            if truncated
            else None,
        ],
        className="page",
    )


def _nothing(text: str) -> Any:
    return html.Div(
        html.Section(
            [
                html.H1(["No case found for ", html.Code(text)]),
                html.P(
                    "The search covers case ids, all other identifiers of events (item, package, tracking number, "
                    "invoice …) and trace ids: first the whole identifier, then its beginning."
                ),
                html.H2("What to try"),
                html.Ul(
                    [
                        html.Li("Check the prefix and leading zeros, and letters that look like digits."),
                        html.Li("Upper and lower case are the same. Spaces, quotes and a word before it are ignored."),
                        html.Li("Type only the first characters to list the identifiers that begin with them."),
                        html.Li("Try another identifier of the same case, such as a package or an invoice."),
                        html.Li("A case appears seconds after its first step. Older cases may never have been sent."),
                    ]
                ),
            ],
            className="empty card",
        ),
        className="page",
    )


def _start(flows: Sequence[Mapping[str, Any]], zone: tzinfo) -> Any:
    with_cases = [flow for flow in flows if flow["cases"]]
    if not with_cases:
        return html.Div(no_data(), className="page")
    return html.Div(
        [
            html.Header(
                [
                    html.H1("Find a case"),
                    html.P(
                        "Type any identifier in the search box: an order number, a package, a tracking number, an "
                        "invoice or a trace id. Press Enter.",
                    ),
                ],
                className="page-head",
            ),
            html.H2("Flows"),
            html.Div([flow_card(flow, zone) for flow in with_cases], className="flows"),
        ],
        className="page",
    )


@callback(
    Output("go", "href"),
    Input("search", "n_submit"),
    Input("search-button", "n_clicks"),
    State("search", "value"),
    prevent_initial_call=True,
)
def search(_submits: int | None, _clicks: int | None, text: str | None) -> Any:
    """Enter and the button open the address of the search."""
    identifier = (text or "").strip()
    return urls.search(identifier) if identifier else no_update
