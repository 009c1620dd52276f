"""The events of a trail as a list. A click on a row shows all details."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.components.facts import facts
from dashboards.components.token import named, short
from dashboards.components.trail.entries import Entry, entries
from dashboards.components.trail.logs import log_notes, log_row, log_switch
from dashboards.figures.marks import Event, actor, kind, label
from dashboards.figures.scene import Scene
from dashboards.wording import formats

COLUMNS = ("#", "Time", "System", "Step", "Result", "Actor", "Wait", "Duration", "Cost", "Shared")


def events_table(scene: Scene, logs: Mapping[str, Any], view: Mapping[str, str]) -> Any:
    """One row per event, followed by its log records; a heading per day."""
    rows: list[Any] = []
    last, case, zone = None, scene.case, scene.zone
    for entry in entries(scene, logs["records"]):
        local = formats.instant(entry.start).astimezone(zone)
        if local.date() != last:
            rows.append(html.Div(f"{formats.day(local)}, {formats.zone_name(local)}", className="events-day"))
            last = local.date()
        rows += _rows(case, entry, zone)
    return html.Section(
        [
            html.Header(
                [
                    html.H2("Events"),
                    html.P(f"Times in {zone}. Click a row for its details.", className="note"),
                    log_switch(case, logs, view),
                ]
            ),
            html.Div(
                html.Div([_head(), *rows], className="events"),
                className="scroll",
                tabIndex=0,
                role="group",
                **{"aria-label": "Events"},
            ),
            html.Div(log_notes(case, logs, view), className="log-notes"),
        ],
        className="card",
    )


def _rows(case: Mapping[str, Any], entry: Entry, zone: tzinfo) -> list[Any]:
    below = entry.event is not None
    own = [_row(case, entry.number, entry.event, zone)] if entry.event is not None else []
    return [*own, *(log_row(case, log, zone, below=below) for log in entry.logs)]


def _head() -> Any:
    return html.Div([html.Span(name) for name in COLUMNS], className="event-line events-head")


def _row(case: Mapping[str, Any], number: int, event: Event, zone: tzinfo) -> Any:
    local = formats.instant(event["start"]).astimezone(zone)
    count = (event.get("shared") or {}).get("count", 1)
    cells = [
        html.Span(number, className="number"),
        html.Span(formats.clock(local), className="number"),
        html.Span(event["system"], title=event["system"]),
        html.Span([html.Strong(label(event)) if not event.get("plain") else label(event), _attempt(event)]),
        _result(event),
        html.Span(_by(event), title=actor(event)),
        html.Span(formats.duration(event["wait_s"]) if event.get("wait_s") else "", className="number"),
        html.Span(formats.duration(event["duration_s"]), className="number"),
        html.Span(formats.money(event["cost"]) if event.get("cost") else "", className="number"),
        html.Span(f"in {count} cases", className="shared-mark") if count > 1 else html.Span(),
    ]
    return html.Details(
        [html.Summary(cells, className="event-line"), _details(case, event, zone)],
        id=f"event-{number}",
        className=f"event event-{kind(event)}",
    )


def _attempt(event: Event) -> Any:
    attempt = event.get("attempt") or 1
    return html.Span(f"retry {attempt - 1}", className="attempt") if attempt > 1 else None


def _by(event: Event) -> str:
    who = event.get("actor") or {}
    return str(who.get("id") or who.get("type") or "")


def _result(event: Event) -> Any:
    look = kind(event)
    error = event.get("error") or {}
    words = {
        "ok": f"done, case {event['outcome']}" if event.get("outcome") else "done",
        "started": "in progress",
        "plain": "",
    }.get(look) or f"{error.get('type') or error.get('class') or 'failed'}"
    if look == "plain":
        return html.Span("plain span", className="note")
    return html.Span(
        [html.Span(className=f"mark mark-{look}", **{"aria-hidden": "true"}), html.Span(words, title=words)],
        className="result",
    )


def _details(case: Mapping[str, Any], event: Event, zone: tzinfo) -> Any:
    error = event.get("error") or {}
    entries = {
        "Started": formats.moment(event["start"], zone),
        "Ended": formats.moment(event.get("end"), zone) if event["state"] != "started" else "in progress",
        "Kind": event.get("kind"),
        "Attempt": event.get("attempt"),
        "Error": f"{error['class']}: {error.get('type') or 'no code'}" if error else None,
        "Message": error.get("message"),
        "Actor": actor(event) or "unknown",
        "Action": f"{event['action']}{' (a touch)' if event.get('touch') else ''}" if event.get("action") else None,
        "Outcome": event.get("outcome"),
        "Compensates": event.get("compensates"),
        "Cost": formats.money(event["cost"]) if event.get("cost") else None,
        "This case's share": formats.money(event["cost_share"]) if _is_shared_cost(event) else None,
        "Identifiers": ", ".join(f"{ref['type']} {short(ref['value'])}" for ref in event.get("refs") or []),
        "Idempotency key": event.get("idempotency_key"),
        "Span": f"{event['name']} in trace {event['trace_id']}, span {event['span_id']}",
    }
    return html.Div([facts(entries), _shared(case, event)], className="event-details")


def _is_shared_cost(event: Event) -> bool:
    return bool(event.get("cost_share")) and event["cost_share"] != event.get("cost")


def _shared(case: Mapping[str, Any], event: Event) -> Any:
    shared = event.get("shared") or {}
    others = [case_id for case_id in shared.get("case_ids") or [] if case_id != case["case_id"]]
    if not others:
        return None
    more = shared["count"] - 1 - len(others)
    links: list[Any] = []
    for other in others:
        links += [dcc.Link(named(other), href=urls.trail(case["flow"], other)), " "]
    return html.P(["Shared with ", *links, f"and {more} more" if more > 0 else ""])
