"""The sums of one case, as a strip of labelled figures."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dash import html

from dashboards.wording import formats


def totals(case: Mapping[str, Any], zone: tzinfo) -> Any:
    """Duration, steps, errors, touches, cost. Shared costs are in it at this case's part."""
    failed = case["failed"]
    unclassified = f", {failed['unclassified']} unclassified" if failed.get("unclassified") else ""
    errors = sum(failed.values())
    unknown = case.get("unknown_actor_events") or 0
    figures = [
        ("So far" if case["in_flight"] else "Took", formats.duration(case["duration_s"]), _started(case, zone)),
        ("Value", formats.money(case.get("value")), "at stake"),
        ("Steps", formats.count(case["events"]), f"{formats.plural(case['attempts'], 'attempt')}"),
        (
            "Errors",
            formats.count(errors),
            f"{failed['business']} business, {failed['infrastructure']} infrastructure{unclassified}",
        ),
        ("Retries", formats.count(case["retries"]), f"cost {amounts(case['retry_cost'])}"),
        ("Touches", formats.count(case["touches"]), f"{formats.plural(unknown, 'event')} by unknown actors"),
        ("Cost", amounts(case["cost"]), "shared steps at this case's part"),
    ]
    return html.Dl([_figure(*figure) for figure in figures], className="totals card")


def amounts(money: Sequence[Mapping[str, Any]]) -> str:
    """Amounts side by side: different currencies are never added up."""
    return " + ".join(formats.money(amount) for amount in money) or "none"


def _started(case: Mapping[str, Any], zone: tzinfo) -> str:
    return f"from {formats.moment(case['start'], zone, seconds=False)}"


def _figure(name: str, value: str, note: str) -> Any:
    return html.Div([html.Dt(name), html.Dd(value, className="figure"), html.Dd(note, className="note")])
