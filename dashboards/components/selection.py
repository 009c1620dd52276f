"""What a list of cases was selected by, in words: the reader sees the population of the figure they came from."""

import json
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from dash import html

from dashboards import formats, urls

_KPIS = {
    "touchless-rate": "Touchless rate",
    "time-to-fulfil": "Time to fulfil",
    "errors-per-1000": "Errors per 1,000",
    "retries": "Retries and retry cost",
}
_BANDS = {
    "touchless": "without a touch",
    "touched": "with a touch",
    "unknown": "with unknown actors",
    "finished": "ended",
    "error": "with an error",
    "business": "with a business error",
    "infrastructure": "with an infrastructure error",
    "unclassified": "with an unclassified error",
}


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
        return "" if words.get("to") else "started in the six weeks before this week, or this week"
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
