"""Log records in the list of a trail, one line each. A click shows the text and all attributes."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.components.token import short
from dashboards.components.trail.entries import Log
from dashboards.wording import formats

FILTERS = {"": "All", "warnings": "Warnings and errors", "none": "None"}
"""Values of the parameter ``logs`` of the address, and their names on the switch."""

SHOWN = 2_000
"""Maximum characters of a text in an opened record."""

_LINE = 300
"""Maximum characters of a text on its line. The style cuts it to the width of the page."""

_JOINED = {
    "case": "names this case",
    "id": "carries an identifier of this case",
    "trace": "is in a trace of this case",
}


def log_row(case: Mapping[str, Any], log: Log, zone: tzinfo, *, below: bool) -> Any:
    """``below``: the record follows the event in which it was written, and is indented."""
    local = formats.instant(log["time"]).astimezone(zone)
    text = " ".join(log["body"][:_LINE].split()) or log["event_name"] or "no text"
    count = (log.get("shared") or {}).get("count", 1)
    cells = [
        html.Span(),
        html.Span(formats.clock(local), className="number"),
        html.Span(log["system"], title=log["system"]),
        html.Span(
            [
                html.Span(log["severity"], className=f"severity severity-{log['severity']}"),
                html.Span(text, className="log-text"),
            ],
            className="log-line",
        ),
        html.Span(f"in {count} cases", className="shared-mark") if count > 1 else html.Span(),
    ]
    return html.Details(
        [html.Summary(cells, className="event-line"), _details(case, log, zone)],
        className=f"log log-{log['severity']}" + (" log-below" if below else ""),
    )


def _details(case: Mapping[str, Any], log: Log, zone: tzinfo) -> Any:
    """The text, then everything else as one block: a page has many records, so each has few elements."""
    cut = log["body_cut"] or len(log["body"]) > SHOWN
    return html.Div(
        [
            html.Pre(log["body"][:SHOWN], className="log-body", tabIndex=0) if log["body"] else None,
            html.P("The text is cut here. The query API has all of it (…/logs).", className="note") if cut else None,
            html.Pre("\n".join(_lines(log, zone)), className="log-facts"),
            _shared(case, log),
        ],
        className="event-details",
    )


def _lines(log: Log, zone: tzinfo) -> list[str]:
    identifier = log.get("identifier") or {}
    via = f": {identifier['type']} {short(identifier['value'])}" if identifier else ""
    severity = f"{log['severity_text'] or log['severity']} {log['severity_number'] or ''}".strip()
    own = {
        "Time": formats.moment(log["time"], zone),
        "Severity": severity,
        "Event": log["event_name"],
        "Why here": _JOINED[log["joined"]] + via,
        "Trace": log["trace_id"],
        "Span": log["span_id"],
    }
    sent = {name: value[:SHOWN] for name, value in log["attributes"].items()}
    return [f"{name}: {value}" for name, value in (*own.items(), *sent.items()) if value]


def _shared(case: Mapping[str, Any], log: Log) -> Any:
    shared = log.get("shared") or {}
    others = shared.get("case_ids") or []
    if not others:
        return None
    links: list[Any] = []
    for other in others:
        links += [dcc.Link(short(other), href=urls.trail(case["flow"], other)), " "]
    more = shared["count"] - 1 - len(others)
    return html.P(["Shared with ", *links, f"and {more} more" if more > 0 else ""])


def log_switch(case: Mapping[str, Any], logs: Mapping[str, Any], view: Mapping[str, str]) -> Any:
    """Links to the same trail with other log records; None if the case has no log records."""
    if not logs["n"]:
        return None
    counts = {"": logs["n"], "warnings": logs["warnings_n"]}
    chips = [
        dcc.Link(
            f"{name} {formats.count(counts[key])}" if key in counts else name,
            href=urls.trail(case["flow"], case["case_id"], **{**view, "logs": key, "after": ""}),
            className="chip chip-on" if view["logs"] == key else "chip",
        )
        for key, name in FILTERS.items()
    ]
    return html.Nav(
        [html.Span("Log records", className="chip"), *chips], className="chips", **{"aria-label": "Log records"}
    )


def log_notes(case: Mapping[str, Any], logs: Mapping[str, Any], view: Mapping[str, str]) -> Sequence[Any]:
    """Notes below the list: that there are no log records, or that not all selected ones are on this page."""
    if not logs["n"]:
        return [
            html.P(
                "No log records. A log record sent over OTLP appears here if it is in a trace of this case, or carries "
                "flow.case.id or an identifier of the case.",
                className="note",
            )
        ]
    parts = []
    if logs["left_out"]:
        parts.append(f"{formats.plural(logs['left_out'], 'log record')} before or after these are not shown.")
    if logs["truncated"]:
        parts.append("This case has more log records than are counted here.")
    later = urls.trail(case["flow"], case["case_id"], **{**view, "after": logs["next"]}) if logs["next"] else ""
    first = urls.trail(case["flow"], case["case_id"], **{**view, "after": ""}) if view["after"] else ""
    links = [
        dcc.Link(name, href=href) for name, href in (("First log records", first), ("Next log records", later)) if href
    ]
    if not parts and not links:
        return []
    return [html.P([" ".join(parts), " ", *[part for link in links for part in (link, " ")]], className="note")]
