"""The identifiers of a case, and the cases that share events with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.components.token import named, short
from dashboards.wording import formats


def identifiers(case: Mapping[str, Any]) -> Any:
    """Every identifier that the case reaches, grouped by type, with the number of other cases that reach it."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for entry in case["ids"]:
        groups.setdefault(entry["type"], []).append(entry)
    return html.Section(
        [
            html.H2("Identifiers"),
            html.Dl([_group(kind, entries) for kind, entries in groups.items()], className="ids"),
        ],
        className="card",
    )


def _group(kind: str, entries: Sequence[Mapping[str, Any]]) -> Any:
    return html.Div([html.Dt(kind.replace("_", " ")), html.Dd([_identifier(entry) for entry in entries])])


def _identifier(entry: Mapping[str, Any]) -> Any:
    others = int(entry.get("shared_with") or 0)
    note = html.Span(f"in {formats.plural(others, 'other case')}", className="shared-mark") if others else None
    value, *mark = named(entry["value"])
    return html.Span([html.Code(value), *mark, note], className="id")


def shared_with(case: Mapping[str, Any]) -> Any:
    """The other cases, with links to their trails; None if there are none."""
    others = case.get("shared_with") or []
    if not others:
        return None
    return html.Section(
        [
            html.H2("Shared with"),
            html.P(
                f"This case shares {formats.plural(case['shared_events'], 'event')} with other cases. Their cost is "
                "divided among the cases.",
                className="note",
            ),
            html.Ul([_other(other) for other in others], className="others"),
            html.P("There are more. These have most events in common.", className="note")
            if case.get("shared_with_truncated")
            else None,
        ],
        className="card",
    )


def _other(other: Mapping[str, Any]) -> Any:
    via = ", ".join(f"{entry['type']} {short(entry['value'])}" for entry in other.get("ids") or [])
    return html.Li(
        [
            dcc.Link(named(other["case_id"]), href=urls.trail(other["flow"], other["case_id"]), className="case-link"),
            html.Span(
                formats.plural(other["events"], "shared event") + (f" through {via}" if via else ""), className="note"
            ),
        ]
    )
