"""Findings (where declaration and events of a flow differ) and hubs (identifiers that are not followed)."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dash import html

from dashboards import urls
from dashboards.components.token import named
from dashboards.wording import formats

Hub = Mapping[str, Any]


def findings(flow: Mapping[str, Any]) -> Any:
    """One line per finding, in the words of the API."""
    listed = flow.get("findings") or []
    return html.Section(
        [
            html.H2(f"Findings ({len(listed)})" if listed else "Findings"),
            html.Ul([html.Li(_sentence(finding)) for finding in listed], className="findings")
            if listed
            else html.P(_none(flow), className="note"),
        ],
        className="card",
    )


def _none(flow: Mapping[str, Any]) -> str:
    declared = "The declaration matches the events."
    return declared if flow.get("declared") else "There is no declaration to compare with the events."


def _sentence(finding: Mapping[str, Any]) -> list[Any]:
    kind = str(finding.get("kind") or "").replace("-", " ").replace("_", " ")
    return [html.Span(kind, className="state"), " ", finding.get("text") or finding.get("subject") or ""]


def hubs_table(hubs: Sequence[Hub], zone: tzinfo) -> Any:
    """The hubs of a flow as a table; None if it has none."""
    if not hubs:
        return None
    columns = ("Type", "Identifier", "Reached from", "Since")
    return html.Section(
        [
            html.H2("Hubs"),
            html.P(
                "So many identifiers lead to each of these that following it would join unrelated cases. It is not "
                "followed, but a search finds it.",
                className="note",
            ),
            html.Div(
                html.Table(
                    [
                        html.Thead(html.Tr([html.Th(name, scope="col") for name in columns])),
                        html.Tbody([_hub(hub, zone) for hub in hubs]),
                    ],
                    className="table",
                ),
                className="scroll",
                tabIndex=0,
                role="group",
                **{"aria-label": "Hubs"},
            ),
        ],
        className="card",
    )


def _hub(hub: Hub, zone: tzinfo) -> Any:
    return html.Tr(
        [
            html.Td(str(hub["type"]).replace("_", " ")),
            html.Td(html.A(named(hub["value"]), href=urls.search(hub["value"]))),
            html.Td(formats.plural(hub["sources"], "identifier"), className="number"),
            html.Td(formats.moment(hub.get("since"), zone), className="number"),
        ]
    )
