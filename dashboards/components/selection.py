"""The selection of a list of cases in words, so that a reader knows which figure it belongs to."""

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
    "moved": "moved to automated",
    "automated": "routed automatically",
    "manual": "routed manually",
    "unrouted": "routed otherwise",
    "right": "right the first time",
    "repeated": "with a step repeated",
    "rejected": "with a rejection",
    "corrected": "corrected by a person",
    "compensated": "with a step undone",
    "reworked": "with rework",
    "backlog": "with an open exception",
    "overdue": "with an overdue approval",
    "late": "with an approval decided late",
    "pending": "with an undecided approval",
    "met": "SLA met",
    "breached": "SLA breached",
    "breached_open": "SLA breached and in flight",
    "duplicate": "with a duplicate effect",
    "unvalued": "of unknown value",
}
"""Words for bands whose name says too little. Other bands are shown by their name."""


def selection(query: Mapping[str, Any], zone: tzinfo) -> Any:
    """Chips for KPI, window, bucket, group and band. Without a window they name the default window of the API."""
    words = {name: urls.single(value) for name, value in query.items()}
    chips = [
        ("KPI", _KPIS.get(words.get("kpi", ""), words.get("kpi", ""))),
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
    """The group of a point from its JSON. Text that is no JSON object is shown as it is."""
    try:
        members = json.loads(text) if text else {}
    except ValueError:
        members = None
    if not isinstance(members, dict):
        return {"group": text}
    return {str(name): str(value) or "not set" for name, value in members.items()}


def _window(words: Mapping[str, str], zone: tzinfo) -> str:
    if not words.get("from"):
        default = "this week and the six weeks before"
        return "" if words.get("to") else (default if words.get("kpi") else f"started in {default}")
    return f"{_moment(words['from'], zone)} to {_moment(words.get('to', ''), zone)}"


def _bucket(words: Mapping[str, str], zone: tzinfo) -> str:
    interval = words.get("interval") or "week"
    return f"{interval} from {_moment(words['bucket'], zone)}" if words.get("bucket") else ""


def _moment(text: str, zone: tzinfo) -> str:
    """An instant in the reader's zone. A date, or text that is no time, stays as it is."""
    try:
        return formats.moment(text, zone, seconds=False) if "T" in text else text
    except ValueError:
        return text
