"""Where a declaration and what was seen do not fit together, and identifiers that would join too many cases."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dash import html

from dashboards import urls
from dashboards.components.token import named
from dashboards.wording import formats

Hub = Mapping[str, Any]


def findings(flow: Mapping[str, Any]) -> Any:
    """The API's sentences, one a line."""
    found = flow.get("findings") or []
    return html.Section(
        [
            html.H2(f"Findings ({len(found)})" if found else "Findings"),
            html.Ul([html.Li(_sentence(one)) for one in found], className="findings")
            if found
            else html.P("What is declared fits what was seen.", className="note"),
        ],
        className="card",
    )


def _sentence(finding: Mapping[str, Any]) -> list[Any]:
    kind = str(finding.get("kind") or "").replace("-", " ").replace("_", " ")
    return [html.Span(kind, className="state"), " ", finding.get("text") or finding.get("subject") or ""]


def hubs_table(hubs: Sequence[Hub], zone: tzinfo) -> Any:
    """Identifiers that are not followed; nothing if there are none."""
    if not hubs:
        return None
    columns = ("Type", "Identifier", "Joins", "Since")
    return html.Section(
        [
            html.H2("Identifiers that join too much"),
            html.P(
                "Each of these leads to so many others that following it would melt cases together, so it is not "
                "followed. It can still be searched for.",
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
                **{"aria-label": "Identifiers that join too much"},
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
