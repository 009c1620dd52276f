"""A large figure with its name, its change since the previous period, and a link to its cases."""

from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.figures.buckets import Answer, Point
from dashboards.wording import formats, kpi_values
from dashboards.wording.comparison import change

LONG = 12
"""Values with more characters need a wider column."""


@dataclass(frozen=True)
class Headline:
    """A measure with the name to show, and an optional note below it."""

    measure: str
    name: str
    note: str = ""


def headline(answer: Answer, point: Point, shown: Headline) -> Any:
    """The name, the figure, its change and the note."""
    return html.Div(
        [
            html.Span(shown.name, className="headline-name"),
            figure(answer, point, shown.measure),
            changed(answer, point, shown.measure),
            html.Span(shown.note, className="note") if shown.note else None,
        ]
    )


def figure(answer: Answer, point: Point, measure: str) -> Any:
    """The value as a link to the cases that it is about. Without a value, a dash and no link."""
    value = kpi_values.value(answer, point, measure)
    address = urls.cases_of(point.get("cases_url"), kpi_values.band(answer, measure)) if value != formats.NONE else None
    look = "figure figure-long" if len(value) > LONG else "figure"
    return dcc.Link(value, href=address, className=look) if address else html.Span(value, className=look)


def changed(answer: Answer, point: Point, measure: str) -> Any:
    """The change since the previous period, the previous value, and whether that is better or worse."""
    since = change(answer, measure, point)
    if since is None:
        return None
    verdict = [", ", html.Span(since.verdict, className=f"verdict verdict-{since.verdict}")] if since.verdict else []
    was = f" from {since.before}" if since.words.startswith(("up", "down")) else ""
    return html.Span([since.words, was, *verdict], className="change")


def whole(answer: Answer) -> Point:
    """The total over all groups."""
    return next(point for point in answer["totals"] if not point["group"])
