"""A table of cases. Each row links to the trail of its case."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.components.token import named, short
from dashboards.wording import formats

Case = Mapping[str, Any]

COLUMNS = ("State", "Current step", "Since", "Value", "Exceptions", "SLA", "Started", "Duration")


def case_table(cases: Sequence[Case], zone: tzinfo, *, matched: bool = False) -> Any:
    """``matched`` adds a column with the identifiers that matched a search."""
    columns = ["Case", *(["Matched"] if matched else []), *COLUMNS]
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


def _row(case: Case, zone: tzinfo, *, matched: bool) -> Any:
    identifiers = ", ".join(f"{entry['type']} {short(entry['value'])}" for entry in case.get("matched") or [])
    return html.Tr(
        [
            html.Td([_link(case), html.Div(case["flow"], className="note") if matched else None]),
            html.Td(identifiers, className="matched") if matched else None,
            html.Td(_state(case)),
            html.Td(_place(case), className="place"),
            html.Td(formats.brief_moment(_since(case), zone), className="number"),
            html.Td(formats.money(case.get("value")), className="number"),
            html.Td(_exceptions(case)),
            html.Td(_sla(case, zone), className="sla"),
            html.Td(formats.brief_moment(case["start"], zone), className="number"),
            html.Td(_duration(case), className="number"),
        ]
    )


def _link(case: Case) -> Any:
    return dcc.Link(named(case["case_id"]), href=urls.trail(case["flow"], case["case_id"]), className="case-link")


def _state(case: Case) -> Any:
    if case["in_flight"]:
        return html.Span("in flight", className="state state-open")
    return html.Span(case.get("outcome") or "ended", className="state state-good" if case.get("success") else "state")


def _place(case: Case) -> str:
    now = case.get("now") or {}
    if not case["in_flight"]:
        return ""
    return " / ".join(str(part) for part in (now.get("system"), now.get("step")) if part)


def _since(case: Case) -> str | None:
    """Since when the case is in its state: at its current step, or ended."""
    return case.get("end") or (case.get("now") or {}).get("since")


def _exceptions(case: Case) -> Any:
    """The open ones come first, because they need attention."""
    total, still_open = int(case.get("exceptions_n") or 0), int(case.get("exceptions_open_n") or 0)
    if still_open:
        closed = f", {total - still_open} closed" if total > still_open else ""
        return html.Span(f"{still_open} open{closed}", className="state state-bad")
    return html.Span(f"{total} closed", className="state") if total else ""


def _sla(case: Case, zone: tzinfo) -> Any:
    """``met``, ``breached``, or when the case is due; empty without an SLA."""
    state = case.get("sla")
    if state == "breached":
        return html.Span("breached", className="state state-bad")
    if state == "met":
        return html.Span("met", className="state state-good")
    return f"due {formats.brief_moment(case['due_at'], zone)}" if case.get("due_at") else ""


def _duration(case: Case) -> str:
    if not case.get("end"):
        return formats.NONE
    return formats.duration((formats.instant(case["end"]) - formats.instant(case["start"])).total_seconds())
