"""The card of one business measure: value, small chart, definition, and the number of values behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.api.reported_measures import NO_FLOW
from dashboards.components.chart import Chart
from dashboards.figures.buckets import Answer
from dashboards.figures.lines import MAX_SERIES
from dashboards.figures.measure import counted, drawn, measure, written
from dashboards.wording import formats


def measure_cards(answers: Sequence[Answer], left: Sequence[Mapping[str, Any]], group_by: str) -> Any:
    """``left`` are measures beyond the maximum of one page. Only their names are shown."""
    return html.Div(
        [
            html.P(_what(answers), className="note"),
            html.Div([measure_card(answer, group_by) for answer in answers], className="measures"),
            html.P(f"Not drawn: {', '.join(measure['measure'] for measure in left)}.", className="note")
            if left
            else None,
        ],
        className="measure-section",
    )


def _what(answers: Sequence[Answer]) -> str:
    if answers:
        return "Metrics named flow.kpi.* that systems report by themselves."
    return (
        "No measures yet. A gauge or a sum sent over OTLP as a metric named flow.kpi.<name> appears here. Its "
        "attribute flow.name says which flow it belongs to."
    )


def measure_card(answer: Answer, group_by: str) -> Any:
    """One measure. ``group_by`` is the segment of the page; a card that is not split by it says so."""
    whole = answer["totals"][0]
    return html.Section(
        [
            html.Header([html.H3(answer["measure"].replace("_", " ")), html.Span(_kind(answer), className="cohort")]),
            html.Div(
                [
                    html.Span(written(whole["value"], answer["unit"]), className="figure"),
                    html.Span(f"{answer['agg']}, whole window; {counted(whole)}", className="note"),
                ],
                className="measure-value",
            ),
            Chart(measure(answer)) if whole["n"] else html.P("Nothing was reported in this window.", className="note"),
            _definition(answer),
            html.P(_note(answer, group_by), className="note"),
        ],
        className="kpi measure card",
    )


def _kind(answer: Answer) -> str:
    return f"{answer['kind']}{', of no flow' if answer['flow'] == NO_FLOW else ''}"


def _definition(answer: Answer) -> Any:
    definition = answer["definition"]
    return html.Details(
        [
            html.Summary([html.Span(definition["text"]), html.Span("Definition", className="more")]),
            html.P(
                f"Metric flow.kpi.{answer['measure']}, a {answer['kind']}"
                + (f" in {answer['unit']}" if answer["unit"] else "")
                + f". Definition version {definition['version']}. Time zone of the buckets: {answer['window']['tz']}.",
                className="note",
            ),
        ],
        className="definition",
    )


def _note(answer: Answer, group_by: str) -> str:
    if group_by and not any(point["group"] for point in answer["totals"]):
        return f"Not split by {group_by.replace('_', ' ')}: its values do not have this dimension."
    hidden = len(answer["totals"]) - 1 - len(drawn(answer))
    return f"The {MAX_SERIES} groups with most values are drawn, {formats.count(hidden)} are not." if hidden > 0 else ""
