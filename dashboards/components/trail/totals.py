"""The totals of one case, as a row of labelled figures."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dash import html

from dashboards.wording import formats


def totals(case: Mapping[str, Any], zone: tzinfo) -> Any:
    """Duration, value, steps, errors, retries, touches and cost. Of shared costs only this case's share counts."""
    failed = case["failed"]
    unclassified = f", {failed['unclassified']} unclassified" if failed.get("unclassified") else ""
    errors = sum(failed.values())
    unknown = case.get("unknown_actor_events") or 0
    figures = [
        (
            "Duration so far" if case["in_flight"] else "Duration",
            formats.duration(case["duration_s"]),
            _started(case, zone),
        ),
        ("Value", formats.money(case.get("value")), "at stake"),
        ("Steps", formats.count(case["events"]), f"{formats.plural(case['attempts'], 'attempt')}"),
        (
            "Errors",
            formats.count(errors),
            f"{failed['business']} business, {failed['infrastructure']} infrastructure{unclassified}",
        ),
        ("Retries", formats.count(case["retries"]), f"cost {amounts(case['retry_cost'])}"),
        ("Touches", formats.count(case["touches"]), f"{formats.plural(unknown, 'event')} by unknown actors"),
        ("Cost", amounts(case["cost"]), "with this case's share of shared steps"),
    ]
    return html.Dl([_figure(*figure) for figure in figures], className="totals card")


def amounts(money: Sequence[Mapping[str, Any]]) -> str:
    """Amounts side by side: different currencies are never added up."""
    return " + ".join(formats.money(amount) for amount in money) or "none"


def _duration_name(case: Mapping[str, Any]) -> str:
    return "Duration so far" if case["in_flight"] else "Duration"


def _started(case: Mapping[str, Any], zone: tzinfo) -> str:
    return f"from {formats.moment(case['start'], zone, seconds=False)}"


def _figure(name: str, value: str, note: str) -> Any:
    return html.Div([html.Dt(name), html.Dd(value, className="figure"), html.Dd(note, className="note")])
