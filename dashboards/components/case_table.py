"""Cases as a table; each row leads to its trail."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from dashboards import formats, urls
from dashboards.components.token import named, short


def case_table(cases: Sequence[Mapping[str, Any]], zone: tzinfo, *, matched: bool = False) -> Any:
    """``matched`` adds the identifiers that a search found."""
    columns = ["Case", *(["Found by"] if matched else []), "State", "Where now", "Started", "Ended", "Took", "Value"]
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(name, scope="col") for name in columns])),
                html.Tbody([_row(case, zone, matched=matched) for case in cases]),
            ],
            className="table cases",
        ),
        className="scroll card",
        tabIndex=0,
        role="group",
        **{"aria-label": "Cases"},
    )


def _row(case: Mapping[str, Any], zone: tzinfo, *, matched: bool) -> Any:
    took = (
        formats.duration((formats.instant(case["end"]) - formats.instant(case["start"])).total_seconds())
        if case.get("end")
        else formats.NONE
    )
    found = ", ".join(f"{entry['type']} {short(entry['value'])}" for entry in case.get("matched") or [])
    return html.Tr(
        [
            html.Td([_link(case), html.Div(case["flow"], className="note") if matched else None]),
            html.Td(found) if matched else None,
            html.Td(_state(case)),
            html.Td(_place(case), className="wide"),
            html.Td(formats.moment(case["start"], zone, seconds=False), className="number"),
            html.Td(formats.moment(case.get("end"), zone, seconds=False), className="number"),
            html.Td(took, className="number"),
            html.Td(formats.money(case.get("value")), className="number"),
        ]
    )


def _link(case: Mapping[str, Any]) -> Any:
    return dcc.Link(named(case["case_id"]), href=urls.trail(case["flow"], case["case_id"]), className="case-link")


def _state(case: Mapping[str, Any]) -> Any:
    if case["in_flight"]:
        return html.Span("in flight", className="state state-open")
    return html.Span(case.get("outcome") or "ended", className="state")


def _place(case: Mapping[str, Any]) -> str:
    now = case.get("now") or {}
    if not case["in_flight"]:
        return ""
    return " / ".join(str(part) for part in (now.get("system"), now.get("step")) if part)
