"""The card of one KPI: definition, figures, n, chart and table. Figures, marks and cells link to their cases."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.components.business.kpi_table import kpi_table
from dashboards.components.chart import Chart
from dashboards.figures.buckets import Answer
from dashboards.wording import formats


def kpi_card(answer: Answer, headlines: Sequence[Any], figure: Any, notes: Sequence[str] = ()) -> Any:
    """``headlines`` come from ``headline.headline``; ``notes`` explain the chart below it."""
    kpi = answer["kpi"]
    return html.Section(
        [
            html.Header([html.H3(answer["title"]), html.Span(answer["cohort"], className="cohort")]),
            definition(answer),
            html.Div(headlines, className="headlines"),
            counts(answer),
            Chart(figure) if answer["points"] and figure is not None else None,
            *[html.P(note, className="note") for note in notes if note],
            kpi_table(answer, open_=figure is None and not answer["points"]),
        ],
        className="kpi card",
        id=f"kpi-{kpi}",
    )


def definition(answer: Answer) -> Any:
    """The definition from the API. A click shows the definition of each measure and the version."""
    words = answer["definition"]
    return html.Details(
        [
            html.Summary([html.Span(words["text"]), html.Span("Definition", className="more")]),
            html.Dl(
                [
                    html.Div([html.Dt(entry["title"]), html.Dd(entry.get("definition") or "")])
                    for entry in answer["measures"]
                ]
            ),
            html.P(
                f"Definition version {words['version']}. Weeks: {answer['window'].get('week_rule', '')}. "
                f"Time zone of the buckets: {answer['window']['tz']}.",
                className="note",
            ),
        ],
        className="definition",
    )


def counts(answer: Answer) -> Any:
    """n, the cases in flight and the cases with an unknown actor."""
    flight = answer["in_flight"]
    oldest = f", oldest {formats.duration(flight['oldest_age_s'])}" if flight.get("oldest_age_s") is not None else ""
    entries = [("n", formats.plural(answer["n"], "case")), ("in flight", f"{formats.count(flight['n'])}{oldest}")]
    if answer.get("unknown_actor_n") is not None:
        entries.append(("unknown actor", formats.plural(answer["unknown_actor_n"], "case")))
    address = urls.cases_of(answer.get("cases_url"))
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(text)]) for name, text in entries]
        + ([html.Div(html.Dd(dcc.Link("show cases", href=address)))] if address else []),
        className="counts",
    )
