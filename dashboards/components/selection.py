"""What a list of cases was selected by, in words: the reader sees the population of the figure they came from."""

import json
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from dash import html

from dashboards import urls
from dashboards.wording import formats

_KPIS = {
    "touchless-rate": "Touchless rate",
    "automated-events": "Automated events",
    "manual-to-automated": "Manual to automated",
    "time-to-fulfil": "Time to fulfil",
    "errors-per-1000": "Errors per 1,000",
    "retries": "Retries and retry cost",
    "first-time-right": "First time right",
    "rework-rate": "Rework rate",
    "exceptions": "Exceptions",
    "value-at-risk": "Value at risk",
    "escalations": "Escalations",
    "sla-attainment": "SLA attainment",
    "onboarding": "Onboarding",
    "duplicate-effects": "Duplicate effects",
}
_BANDS = {
    "in_flight": "in flight",
    "touchless": "without a touch",
    "touched": "with a touch",
    "unknown": "with unknown actors",
    "finished": "ended",
    "error": "with an error",
    "business": "with a business error",
    "infrastructure": "with an infrastructure error",
    "unclassified": "with an unclassified error",
    "moved": "moved to automatic",
    "automated": "routed automatically",
    "manual": "routed by hand",
    "unrouted": "without a known route",
    "right": "right the first time",
    "repeated": "with a step repeated",
    "rejected": "with a rejection",
    "corrected": "corrected by a person",
    "compensated": "with a step undone",
    "reworked": "with rework",
    "backlog": "with an open exception",
    "overdue": "with an approval past its time limit",
    "late": "with an approval decided late",
    "pending": "with an approval not decided yet",
    "met": "within the SLA",
    "breached": "past the SLA",
    "breached_open": "past the SLA and open",
    "duplicate": "with a duplicate effect",
    "unvalued": "without a known value",
}
"""Bands whose own name says too little; any other is written as it is called."""


def selection(query: Mapping[str, Any], zone: tzinfo) -> Any:
    """Chips for figure, window or bucket, group and band; without a window it says which one the API takes."""
    words = {name: urls.one(value) for name, value in query.items()}
    chips = [
        ("figure", _KPIS.get(words.get("kpi", ""), words.get("kpi", ""))),
        ("window", _window(words, zone)),
        ("bucket", _bucket(words, zone)),
        *group(words.get("group", "")).items(),
        ("only", _BANDS.get(words.get("band", ""), words.get("band", "").replace("_", " "))),
        ("as of", _moment(words.get("as_of", ""), zone)),
    ]
    return html.Ul(
        [html.Li([html.Span(f"{name} "), value]) for name, value in chips if value],
        className="dims selection",
        **{"aria-label": "Selection"},
    )


def group(text: str) -> dict[str, str]:
    """The group of a point from its JSON; what cannot be read is shown as it is."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return {"group": text}
    return {str(name): str(value) or "not set" for name, value in found.items()}


def _window(words: Mapping[str, str], zone: tzinfo) -> str:
    if not words.get("from"):
        six_weeks = "the six weeks before this week and this week"
        return "" if words.get("to") else (six_weeks if words.get("kpi") else f"started in {six_weeks}")
    return f"{_moment(words['from'], zone)} up to {_moment(words.get('to', ''), zone)}"


def _bucket(words: Mapping[str, str], zone: tzinfo) -> str:
    interval = words.get("interval") or "week"
    return f"{interval} from {_moment(words['bucket'], zone)}" if words.get("bucket") else ""


def _moment(text: str, zone: tzinfo) -> str:
    """A date stays as it is; an instant is written in the zone; anything else as it came."""
    try:
        return formats.moment(text, zone, seconds=False) if "T" in text else text
    except ValueError:
        return text
