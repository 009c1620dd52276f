"""The first page: type any identifier. Also the list of hits where there are several, and help where there is none."""

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
    """``/`` and ``/trail?q=``; one exact hit is shown at once, under the same address."""
    text = urls.one(q).strip()
    try:
        return _found(text, query) if text else _start(api().flows(), reader_zone())
    except DashboardError as error:
        return problem(error)


def _found(text: str, query: Mapping[str, Any]) -> Any:
    answer = api().search(text)
    results = answer["results"]
    exact = [result for result in results if result["exact"]]
    if len(exact) == 1:
        return trail.show(exact[0]["flow"], exact[0]["case_id"], query)
    return _hits(text, exact or results, reader_zone(), truncated=answer["truncated"]) if results else _nothing(text)


def _hits(text: str, results: Sequence[Mapping[str, Any]], zone: tzinfo, *, truncated: bool) -> Any:
    exact = results[0]["exact"]
    what = "carry" if exact else "have an identifier that begins with"
    return html.Div(
        [
            html.Header(
                [
                    html.H1([f"{formats.plural(len(results), 'case')} {what} ", html.Code(text)]),
                    html.P(
                        "An identifier may belong to several cases: a package that holds items of three orders, say."
                        if exact
                        else "Nothing is called exactly that. Did you mean one of these?",
                        className="note",
                    ),
                ],
                className="page-head",
            ),
            case_table(results, zone, matched=True),
            html.P("There are more; type more of the identifier to narrow it down.", className="note")
            if truncated
            else None,
        ],
        className="page",
    )


def _nothing(text: str) -> Any:
    return html.Div(
        html.Section(
            [
                html.H1(["Nothing found for ", html.Code(text)]),
                html.P(
                    "Searched: case ids, every other identifier that events carry (item, package, tracking number, "
                    "invoice, …) and trace ids; first exactly, then as the beginning of an identifier."
                ),
                html.H2("What to try"),
                html.Ul(
                    [
                        html.Li("Check for a missing prefix or leading zeros, and for letters mistaken for digits."),
                        html.Li("Letter case, blanks and quotes around it and a word before it do not matter."),
                        html.Li("Type only the first characters: identifiers that begin with them are listed."),
                        html.Li("Another identifier of the same order: package, invoice, customer's reference."),
                        html.Li("An order appears seconds after its first step; older ones may never have been sent."),
                    ]
                ),
            ],
            className="empty card",
        ),
        className="page",
    )


def _start(flows: Sequence[Mapping[str, Any]], zone: tzinfo) -> Any:
    known = [flow for flow in flows if flow["cases"]]
    if not known:
        return html.Div(no_data(), className="page")
    return html.Div(
        [
            html.Header(
                [
                    html.H1("Follow an order"),
                    html.P(
                        "Type any identifier above: an order number, a package, a tracking number, an invoice, "
                        "a trace id. Press Enter.",
                    ),
                ],
                className="page-head",
            ),
            html.H2("Flows"),
            html.Div([flow_card(flow, zone) for flow in known], className="flows"),
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
    """Enter and the button lead to the address of the search."""
    wanted = (text or "").strip()
    return urls.search(wanted) if wanted else no_update
