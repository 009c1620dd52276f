"""The headline row: the six most important figures, each with a sparkline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.components.business.headline import changed, figure, whole
from dashboards.components.business.kpi_card import definition
from dashboards.components.drawing import drawing
from dashboards.figures import lines
from dashboards.figures.buckets import Answer, unfinished
from dashboards.figures.sparkline import sparkline
from dashboards.wording import formats, kpi_values


@dataclass(frozen=True)
class Tile:
    """One tile: its name, the measure that is shown large, and a note with further figures."""

    name: str
    measure: Callable[[Answer], str]
    note: Callable[[Answer], str] = lambda _: ""


def tiles(answers: Sequence[Answer]) -> Any:
    """The tiles of the answers, in their order. Answers without a tile are left out."""
    return html.Section(
        [html.H2("At a glance", className="unseen"), *(_tile(answer) for answer in answers if answer["kpi"] in TILES)],
        className="tiles",
    )


def _tile(answer: Answer) -> Any:
    own, point = TILES[answer["kpi"]], whole(answer)
    measure = own.measure(answer)
    return html.Section(
        [
            html.Header([html.H3(own.name), _line(answer, measure)]),
            figure(answer, point, measure),
            changed(answer, point, measure),
            html.P(own.note(answer) or _why(answer, measure), className="tile-note"),
            _counted(answer),
            definition(answer),
        ],
        className="tile card",
        id=f"tile-{answer['kpi']}",
    )


def _line(answer: Answer, measure: str) -> Any:
    groups = lines.parts(answer)
    points = lines.of_group(answer, groups[0]) if groups else []
    values = [kpi_values.number(point, measure) for point in points]
    svg = sparkline(values, unfinished=unfinished(answer) is not None)
    of = f" ({kpi_values.group_name(groups[0])})" if groups and groups[0] else ""
    return drawing(svg, f"Trend by {answer['window']['interval']}{of}") if svg else None


def _why(answer: Answer, measure: str) -> str:
    """Why the tile has no figure; empty if it has one."""
    if kpi_values.value(answer, whole(answer), measure) != formats.NONE:
        return ""
    notes = answer.get("notes") or []
    return str(notes[0]) if notes else "No cases to compute it from."


def _counted(answer: Answer) -> Any:
    flight = answer["in_flight"]["n"]
    text = f"{formats.plural(answer['n'], 'case')}, {formats.count(flight)} in flight"
    address = urls.cases_of(answer.get("cases_url"))
    return html.P(dcc.Link(text, href=address) if address else text, className="note")


def _outcomes(answer: Answer) -> str:
    parts = sorted((point for point in answer["totals"] if point["group"]), key=lambda point: -int(point["n"]))
    rates = [
        f"{kpi_values.group_name(point['group'])} {kpi_values.value(answer, point, 'touchless_rate')}"
        for point in parts
    ]
    return ", ".join(rates[:3])


def _also(*shown: tuple[str, str]) -> Callable[[Answer], str]:
    """A note with further measures; those that the answer does not have are left out."""

    def note(answer: Answer) -> str:
        point = whole(answer)
        known = [
            (words, kpi_values.value(answer, point, name)) for words, name in shown if kpi_values.has(answer, name)
        ]
        return ", ".join(words.format(value) for words, value in known if value != formats.NONE)

    return note


def _largest(answer: Answer) -> str:
    """The measure of the currency with the largest amount. Different currencies are never added up."""
    return f"at_risk_{next(iter(kpi_values.currencies(answer, 'at_risk_')), '')}"


def _other_amounts(answer: Answer) -> str:
    point, (first, *others) = whole(answer), kpi_values.currencies(answer, "at_risk_") or [""]
    values = [kpi_values.value(answer, point, f"at_risk_{code}") for code in others]
    amounts = [f"and {value}" for value in values if value != formats.NONE]
    lost = kpi_values.value(answer, point, f"lost_{first}")
    return ", ".join([*amounts, *([f"{lost} lost"] if lost != formats.NONE else [])])


def _is(measure: str) -> Callable[[Answer], str]:
    return lambda _: measure


TILES = {
    "touchless-rate": Tile("Touchless", _is("touchless_rate"), _outcomes),
    "time-to-fulfil": Tile(
        "Median time to fulfil",
        _is("km_median_s"),
        _also(("90th percentile {}", "km_p90_s"), ("{} in business hours", "business_km_median_s")),
    ),
    "first-time-right": Tile(
        "First time right",
        _is("first_time_right_rate"),
        _also(("{} repeated", "repeated_n"), ("{} rejected", "rejected_n"), ("{} corrected", "corrected_n")),
    ),
    "exceptions": Tile(
        "Open exceptions", _is("backlog"), _also(("oldest {}", "oldest_age_s"), ("{} opened", "opened"))
    ),
    "value-at-risk": Tile("Value at risk", _largest, _other_amounts),
    "sla-attainment": Tile(
        "SLA attainment",
        _is("sla_attainment"),
        _also(("{} breached", "breached_n"), ("{} of them in flight", "breached_open_n")),
    ),
}
