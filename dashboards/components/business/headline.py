"""A large figure: what it is, how it changed since the period before, and a way to exactly its cases."""

from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.figures.buckets import Answer, Point
from dashboards.wording import formats, kpi_values
from dashboards.wording.comparison import change

LONG = 12
"""Longer values need a wider column."""


@dataclass(frozen=True)
class Headline:
    """A measure under a name of its own, with a few words below it."""

    measure: str
    name: str
    note: str = ""


def headline(answer: Answer, point: Point, shown: Headline) -> Any:
    """The block of one figure."""
    return html.Div(
        [
            html.Span(shown.name, className="headline-name"),
            figure(answer, point, shown.measure),
            changed(answer, point, shown.measure),
            html.Span(shown.note, className="note") if shown.note else None,
        ]
    )


def figure(answer: Answer, point: Point, measure: str) -> Any:
    """The value, leading to those cases that it is about; a dash leads nowhere."""
    value = kpi_values.value(answer, point, measure)
    address = urls.cases_of(point.get("cases_url"), kpi_values.band(answer, measure)) if value != formats.NONE else None
    look = "figure figure-long" if len(value) > LONG else "figure"
    return dcc.Link(value, href=address, className=look) if address else html.Span(value, className=look)


def changed(answer: Answer, point: Point, measure: str) -> Any:
    """Since the period before: the difference, what it was, and apart from them whether that is better."""
    found = change(answer, measure, point)
    if found is None:
        return None
    verdict = [", ", html.Span(found.verdict, className=f"verdict verdict-{found.verdict}")] if found.verdict else []
    was = f" from {found.before}" if found.words.startswith(("up", "down")) else ""
    return html.Span([found.words, was, *verdict], className="change")


def whole(answer: Answer) -> Point:
    """The whole window over all groups: the API puts it first among the totals."""
    return next(point for point in answer["totals"] if not point["group"])
