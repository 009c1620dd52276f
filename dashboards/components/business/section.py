"""A section of the business page. It is empty at first and filled when it scrolls into view."""

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

Chosen = Mapping[str, str]
"""Flow, window and segment of the page, with the instant that all sections are about."""


def jumps() -> Any:
    """Links to the sections of the page."""
    names = {name: section.title for name, section in SECTIONS.items()} | {MEASURES: "Measures"}
    return html.Nav(
        [html.A(title, href=f"#{name}", className="chip") for name, title in names.items()],
        className="chips jumps",
        **{"aria-label": "Sections"},
    )


def waiting() -> list[Any]:
    """The empty sections, in order."""
    headings = {name: (section.title, section.question) for name, section in SECTIONS.items()}
    headings[MEASURES] = ("Measures", "What do systems report by themselves?")
    return [_place(name, *words) for name, words in headings.items()]


def _place(name: str, title: str, question: str) -> Any:
    return html.Section(
        [
            html.Header([html.H2(title), html.P(question, className="note")], className="section-head"),
            html.Div(html.P("Loading …", className="loading"), id={"kind": "section", "section": name}),
            dcc.Store(id={"kind": "seen", "section": name}),
        ],
        id=name,
        className="kpi-section",
        **{"data-lazy": name},
    )


def filled(client: Api, name: str, chosen: Chosen) -> Any:
    """The cards of a section, or a panel with the error. If a retry may help, the section asks again by itself."""
    try:
        return _measures(client, chosen) if name == MEASURES else _kpis(client, name, chosen)
    except DashboardError as error:
        again = {"data-lazy": name, "data-after": RETRY_S * 1000} if isinstance(error, ApiUnavailable) else {}
        return html.Div(problem(error, timer=False), **again)


def _kpis(client: Api, name: str, chosen: Chosen) -> Any:
    answers = client.kpis(chosen["flow"], _params(chosen), SECTIONS[name].kpis)
    by_name = {answer["kpi"]: answer for answer in answers}
    shown = [by_name[kpi] for kpi in SECTIONS[name].kpis if kpi in by_name]
    return html.Div([card(answer, chosen["group_by"]) for answer in shown], className="kpis")


def _measures(client: Api, chosen: Chosen) -> Any:
    answers, left = reported(client, chosen)
    return measure_cards(answers, left, chosen["group_by"])


def _params(chosen: Chosen) -> Json:
    return {name: value for name, value in chosen.items() if value and name != "flow"}
