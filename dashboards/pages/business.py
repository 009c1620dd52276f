"""The business figures: four KPIs over a window, by segment, each leading down to its cases."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, Input, Output, State, ctx, html, no_update

from dashboards import formats, urls
from dashboards.api import Api
from dashboards.callbacks import callback
from dashboards.client import api
from dashboards.components import kpis
from dashboards.components.empty import empty, no_data
from dashboards.components.filters import ALL_CASES, DATES, FIELDS, filters
from dashboards.components.measure_card import measure_section
from dashboards.components.problem import problem
from dashboards.errors import ApiProblem, DashboardError
from dashboards.reported import reported
from dashboards.zones import named, reader_zone

title = "Business · Flowtrail"


def layout(**query: Any) -> Any:
    """``/business?flow&from&to&interval&group_by&tz``."""
    client = api()
    try:
        flows = [flow for flow in client.flows() if flow["cases"]]
        if not flows:
            return html.Div(no_data(), className="page")
        chosen = _chosen(query, flows)
        answers, refused = _answers(client, chosen)
        measured, left = ([], []) if refused else reported(client, chosen)
    except DashboardError as error:
        return problem(error)
    return html.Div(
        [
            html.Header([html.H1("Business"), html.P(_window(answers), className="note")], className="page-head"),
            filters(flows, _shown(chosen, answers), reader_zone()),
            _nothing_finished(answers),
            problem(refused) if refused else None,
            html.Div([kpis.card(answer, chosen["group_by"]) for answer in answers], className="kpis"),
            None if refused else measure_section(measured, left, chosen["group_by"]),
        ],
        className="page",
    )


def _chosen(query: Mapping[str, Any], flows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    chosen = {field: urls.one(query.get(field)) for field in FIELDS}
    busiest = max(flows, key=lambda flow: int(flow["cases"]))
    return chosen | {"flow": chosen["flow"] or busiest["name"], "interval": chosen["interval"] or "week"}


Answers = Sequence[Mapping[str, Any]]


def _answers(client: Api, chosen: Mapping[str, str]) -> tuple[Answers, ApiProblem | None]:
    """All four. A choice that the API refuses is told below the controls, so that the reader can choose again."""
    params = {name: value for name, value in chosen.items() if value and name != "flow"}
    try:
        return client.kpis(chosen["flow"], params), None
    except ApiProblem as error:
        return [], error


def _window(answers: Answers) -> str:
    """The window in words, in its own zone."""
    if not answers:
        return ""
    window = answers[0]["window"]
    zone = named(window["tz"]) or reader_zone()
    since, until = (formats.moment(window[edge], zone, seconds=False) for edge in ("from", "to"))
    return f"{since} up to {until}, as of {formats.moment(answers[0]['as_of'], zone, seconds=False)}"


def _shown(chosen: Mapping[str, str], answers: Answers) -> dict[str, str]:
    """What the controls show: the window that the API used stands in for what was not chosen."""
    if not answers:
        return dict(chosen) | {"tz": chosen["tz"] or "UTC"}
    window = answers[0]["window"]
    zone = named(window["tz"]) or reader_zone()
    dates = {edge: formats.instant(window[edge]).astimezone(zone).date().isoformat() for edge in ("from", "to")}
    return dict(chosen) | dates | {"tz": window["tz"], "interval": window["interval"]}


def _nothing_finished(answers: Answers) -> Any:
    if not answers or any(answer["n"] for answer in answers):
        return None
    flying = max(int(answer["in_flight"]["n"]) for answer in answers)
    if flying:
        return empty(
            "No case of this flow has finished in this window",
            f"{formats.plural(flying, 'case')} in flight. Rates and durations appear when a step carries an outcome "
            "(flow.case.outcome), which ends its case.",
        )
    return empty("There are no cases in this window", "Choose a longer window, or another flow.")


@callback(
    Output("go", "href", allow_duplicate=True),
    inputs={"values": {field: Input(f"filter-{field}", "date" if field in DATES else "value") for field in FIELDS}},
    state={"shown": State("filters-shown", "data"), "query": State("_pages_location", "search")},
    prevent_initial_call=True,
)
def choose(values: dict[str, str | None], shown: dict[str, str], query: str | None) -> Any:
    """A changed control becomes the page's address; what was not changed stays as the address had it.

    Dash also calls this when a page brings its controls in; then they hold what the page shows, and nothing changes.
    """
    changed = {field: value for field, value in values.items() if value and value != shown[field]}
    return changed_address(changed, query or "") if changed else no_update


def changed_address(changed: Mapping[str, str], query: str) -> str:
    """The address after a change. Another flow has other segments, so the segment goes with the flow."""
    after = {**urls.parsed(query), **changed}
    if after.get("group_by") == ALL_CASES or "flow" in changed:
        after.pop("group_by", None)
    return urls.business(after)


@callback(
    Output("go", "href", allow_duplicate=True),
    Input({"kind": "kpi", "kpi": ALL}, "clickData"),
    prevent_initial_call=True,
)
def drill_down(_clicks: list[Any]) -> Any:
    """A click on a point opens the cases behind it."""
    click = ctx.triggered[0]["value"] if ctx.triggered else None
    address = (click or {}).get("points", [{}])[0].get("customdata")
    return address if isinstance(address, str) and address.startswith("/cases/") else no_update
