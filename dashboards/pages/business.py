"""The business page: six headlines at once, then sections that load when they scroll into view."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import MATCH, Input, Output, State, dcc, html, no_update

from dashboards import urls
from dashboards.api.client import Api
from dashboards.api.current import api
from dashboards.api.errors import ApiProblem, DashboardError
from dashboards.components.business.contents import HEADLINES
from dashboards.components.business.filters import ALL_CASES, DATES, FIELDS, filters
from dashboards.components.business.section import filled, jumps, waiting
from dashboards.components.business.tiles import tiles
from dashboards.components.empty import empty, no_data
from dashboards.components.problem import problem
from dashboards.components.static_markup import static_markup
from dashboards.typed_dash import callback
from dashboards.wording import formats
from dashboards.wording.comparison import comparable, period
from dashboards.zones import named, reader_zone

title = "Business · Flowtrail"

Answers = Sequence[Mapping[str, Any]]


def layout(**query: Any) -> Any:
    """``/business?flow&from&to&interval&group_by&tz``."""
    client = api()
    try:
        flows = [flow for flow in client.flows() if flow["cases"]]
        if not flows:
            return html.Div(no_data(), className="page")
        chosen = _chosen(query, flows)
        answers, refused = _headlines(client, chosen)
    except DashboardError as error:
        return problem(error)
    return html.Div(
        [
            html.Header(
                [html.H1("Business"), *[html.P(words, className="note") for words in _window(answers)], jumps()],
                className="page-head",
            ),
            filters(flows, _shown(chosen, answers), reader_zone()),
            *([problem(refused)] if refused else _figures(chosen, answers)),
        ],
        className="page",
    )


def _figures(chosen: Mapping[str, str], answers: Answers) -> list[Any]:
    compare = comparable(answers)
    # All sections use the instant of the headlines, so that the figures of the page agree.
    of_sections = dict(chosen) | {"as_of": answers[0]["as_of"], "compare": "previous" if compare else ""}
    return [
        dcc.Store(id="chosen", data=of_sections),
        _nothing_finished(answers),
        tiles(answers if compare else [{**answer, "previous": None} for answer in answers]),
        *waiting(),
    ]


def _chosen(query: Mapping[str, Any], flows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    chosen = {field: urls.single(query.get(field)) for field in FIELDS}
    busiest = max(flows, key=lambda flow: int(flow["cases"]))
    return chosen | {"flow": chosen["flow"] or busiest["name"], "interval": chosen["interval"] or "week"}


def _headlines(client: Api, chosen: Mapping[str, str]) -> tuple[Answers, ApiProblem | None]:
    """The answers for the headlines, which are never split. An error is returned, so that the controls stay usable."""
    params = {name: value for name, value in chosen.items() if value and name not in {"flow", "group_by"}}
    params["compare"] = "previous"
    try:
        return client.kpis(chosen["flow"], params, HEADLINES), None
    except ApiProblem as error:
        return [], error


def _window(answers: Answers) -> list[str]:
    """The window in its own time zone, and the previous period that it is compared with."""
    if not answers:
        return []
    window, before = answers[0]["window"], period(answers[0])
    zone = named(window["tz"]) or reader_zone()
    since, until = (formats.moment(window[edge], zone, seconds=False) for edge in ("from", "to"))
    shown = f"{since} to {until}, as of {formats.moment(answers[0]['as_of'], zone, seconds=False)}"
    if not before:
        return [shown]
    compared = (
        f"Compared with {before}." if comparable(answers) else f"There are no cases from {before} to compare with."
    )
    return [shown, compared]


def _shown(chosen: Mapping[str, str], answers: Answers) -> dict[str, str]:
    """What the controls show: the choices, and for those not made the window that the API used."""
    if not answers:
        return dict(chosen) | {"tz": chosen["tz"] or "UTC"}
    window = answers[0]["window"]
    zone = named(window["tz"]) or reader_zone()
    dates = {edge: formats.instant(window[edge]).astimezone(zone).date().isoformat() for edge in ("from", "to")}
    return dict(chosen) | dates | {"tz": window["tz"], "interval": window["interval"]}


def _nothing_finished(answers: Answers) -> Any:
    if any(answer["n"] for answer in answers):
        return None
    in_flight = max(int(answer["in_flight"]["n"]) for answer in answers)
    if in_flight:
        return empty(
            "No case of this flow has ended in this window",
            f"{formats.plural(in_flight, 'case')} in flight. Rates and durations appear when a step carries an outcome "
            "(flow.case.outcome), which ends its case.",
        )
    return empty("There are no cases in this window", "Choose a longer window, or another flow.")


@callback(
    Output({"kind": "section", "section": MATCH}, "children"),
    Input({"kind": "seen", "section": MATCH}, "data"),
    State({"kind": "seen", "section": MATCH}, "id"),
    State("chosen", "data"),
    prevent_initial_call=True,
)
def fill(seen: int | None, place: Mapping[str, str], chosen: Mapping[str, str]) -> Any:
    """Reads and draws a section when ``assets/flowtrail.js`` reports that it scrolled into view."""
    return static_markup(filled(api(), place["section"], chosen)) if seen else no_update


@callback(
    Output("go", "href", allow_duplicate=True),
    inputs={"values": {field: Input(f"filter-{field}", "date" if field in DATES else "value") for field in FIELDS}},
    state={"shown": State("filters-shown", "data"), "query": State("_pages_location", "search")},
    prevent_initial_call=True,
)
def choose(values: dict[str, str | None], shown: dict[str, str], query: str | None) -> Any:
    """Turns a changed control into a new address. The other parameters of the address stay.

    Dash also calls this when the controls appear. They show the values of ``shown`` then, so nothing changes.
    """
    changed = {field: value for field, value in values.items() if value and value != shown[field]}
    return changed_address(changed, query or "") if changed else no_update


def changed_address(changed: Mapping[str, str], query: str) -> str:
    """The address after a change. Another flow has other segments, so a new flow removes the segment."""
    after = {**urls.parsed(query), **changed}
    if after.get("group_by") == ALL_CASES or "flow" in changed:
        after.pop("group_by", None)
    return urls.business(after)
