"""A section of the business page: an empty place at first, filled when it comes near the screen."""

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from dashboards.api.client import Api, Json
from dashboards.api.errors import ApiUnavailable, DashboardError
from dashboards.api.reported_measures import reported
from dashboards.components.business.cards import card
from dashboards.components.business.contents import MEASURES, SECTIONS
from dashboards.components.business.measure_card import measure_cards
from dashboards.components.problem import RETRY_S, problem

Asked = Mapping[str, str]


def jumps() -> Any:
    """Links to the sections of the page."""
    names = {name: section.title for name, section in SECTIONS.items()} | {MEASURES: "Measures"}
    return html.Nav(
        [html.A(title, href=f"#{name}", className="chip") for name, title in names.items()],
        className="chips jumps",
        **{"aria-label": "Sections"},
    )


def waiting() -> list[Any]:
    """The places of all sections, in order."""
    told = {name: (section.title, section.question) for name, section in SECTIONS.items()}
    told[MEASURES] = ("Measures", "What do systems report themselves?")
    return [_place(name, *words) for name, words in told.items()]


def _place(name: str, title: str, question: str) -> Any:
    return html.Section(
        [
            html.Header([html.H2(title), html.P(question, className="note")], className="section-head"),
            html.Div(html.P("Reading …", className="loading"), id={"kind": "section", "section": name}),
            dcc.Store(id={"kind": "seen", "section": name}),
        ],
        id=name,
        className="kpi-section",
        **{"data-lazy": name},
    )


def filled(client: Api, name: str, asked: Asked) -> Any:
    """The cards of a section; or what is wrong, asked again by itself where waiting may help."""
    try:
        return _measures(client, asked) if name == MEASURES else _kpis(client, name, asked)
    except DashboardError as error:
        again = {"data-lazy": name, "data-after": RETRY_S * 1000} if isinstance(error, ApiUnavailable) else {}
        return html.Div(problem(error, timer=False), **again)


def _kpis(client: Api, name: str, asked: Asked) -> Any:
    answers = client.kpis(asked["flow"], _params(asked), SECTIONS[name].kpis)
    by_name = {answer["kpi"]: answer for answer in answers}
    shown = [by_name[kpi] for kpi in SECTIONS[name].kpis if kpi in by_name]
    return html.Div([card(answer, asked["group_by"]) for answer in shown], className="kpis")


def _measures(client: Api, asked: Asked) -> Any:
    answers, left = reported(client, asked)
    return measure_cards(answers, left, asked["group_by"])


def _params(asked: Asked) -> Json:
    return {name: value for name, value in asked.items() if value and name != "flow"}
