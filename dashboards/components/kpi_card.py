"""One KPI: figures, definition, how many cases stand behind it, a chart and a table, all leading to the cases."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboards import formats, measures, urls
from dashboards.figures.buckets import Answer, Point

CONFIG = {"displayModeBar": False, "responsive": True}


def kpi_card(answer: Answer, headlines: Sequence[Any], figure: Any, note: str = "") -> Any:
    """``headlines`` are those of ``headline``; ``note`` says what a reader of the chart must know."""
    kpi = answer["kpi"]
    return html.Section(
        [
            html.Header([html.H2(answer["title"]), html.Span(answer["cohort"], className="cohort")]),
            _definition(answer),
            html.Div(headlines, className="headlines"),
            _counts(answer),
            _graph(kpi, figure) if answer["points"] else None,
            html.P(note, className="note") if note else None,
            _table(answer),
        ],
        className="kpi card",
        id=f"kpi-{kpi}",
    )


def _graph(kpi: str, figure: Any) -> Any:
    style = {"height": f"{figure.layout.height}px"}
    return dcc.Graph(id={"kind": "kpi", "kpi": kpi}, figure=figure, config=CONFIG, style=style)


def headline(name: str, value: str, point: Point, note: str = "", band: str = "") -> Any:
    """One large figure that leads to its cases, or to a band of them."""
    address = urls.cases_of(point.get("cases_url"), band)
    shown = dcc.Link(value, href=address, className="figure") if address else html.Span(value, className="figure")
    return html.Div([html.Span(name, className="headline-name"), shown, html.Span(note, className="note")])


def _definition(answer: Answer) -> Any:
    definition = answer["definition"]
    return html.Details(
        [
            html.Summary([html.Span(definition["text"]), html.Span("Definition", className="more")]),
            html.Dl(
                [
                    html.Div([html.Dt(entry["title"]), html.Dd(entry.get("definition") or "")])
                    for entry in answer["measures"]
                ]
            ),
            html.P(
                f"Definition version {definition['version']}. Weeks: {answer['window'].get('week_rule', '')}. "
                f"Time zone of the buckets: {answer['window']['tz']}.",
                className="note",
            ),
        ],
        className="definition",
    )


def _counts(answer: Answer) -> Any:
    flight = answer["in_flight"]
    oldest = f", oldest {formats.duration(flight['oldest_age_s'])}" if flight.get("oldest_age_s") is not None else ""
    counts = [("n", formats.plural(answer["n"], "case")), ("in flight", f"{formats.count(flight['n'])}{oldest}")]
    if answer.get("unknown_actor_n") is not None:
        counts.append(("unknown actor", formats.plural(answer["unknown_actor_n"], "case")))
    address = urls.cases_of(answer.get("cases_url"))
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(text)]) for name, text in counts]
        + ([html.Div(dcc.Link("show cases", href=address))] if address else []),
        className="counts",
    )


def _table(answer: Answer) -> Any:
    """Totals of the window by group: every cell leads to the cases of its row."""
    if not answer["totals"]:
        return None
    names = list(dict.fromkeys(name for point in answer["totals"] for name in point["group"]))
    numbers = ["cases", "in flight", *(entry["title"] for entry in answer["measures"])]
    return html.Details(
        [
            html.Summary("Table of the whole window"),
            html.Div(
                html.Table(
                    [
                        html.Thead(
                            html.Tr(
                                [html.Th(name.replace("_", " "), scope="col") for name in names]
                                + [html.Th(name, scope="col", className="number") for name in numbers]
                            )
                        ),
                        html.Tbody([_row(answer, point, names) for point in answer["totals"]]),
                    ],
                    className="table",
                ),
                className="scroll",
                tabIndex=0,
                role="group",
                **{"aria-label": f"{answer['title']}: table"},
            ),
        ],
        className="kpi-table",
        open=True,
    )


def _row(answer: Answer, point: Point, names: Sequence[str]) -> Any:
    """Each cell leads to the cases it is about: the column "cases" to all of the row, the others to a band of them."""

    def cell(text: str, band: str = "") -> Any:
        address = urls.cases_of(point.get("cases_url"), band)
        return html.Td(dcc.Link(text, href=address) if address else text, className="number")

    groups = [html.Th(_group(point["group"], name), scope="row") for name in names]
    counts = [cell(formats.count(point["n"])), cell(formats.count(point["in_flight_n"]), "in_flight")]
    return html.Tr(
        groups
        + counts
        + [cell(measures.value(answer, point, entry["id"]), measures.band(entry["id"])) for entry in answer["measures"]]
    )


def _group(group: Mapping[str, str], name: str) -> str:
    return (group[name] or "not set") if name in group else "all"
