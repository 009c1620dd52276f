"""How an event looks on a timeline. Colour and shape mean the same, for readers who cannot tell colours apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from dashboards.figures import theme
from dashboards.wording import formats

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """One kind of mark: its name in the legend, colour, plotly symbol, and size in pixels."""

    name: str
    colour: str
    symbol: str
    size: int = 24


LOOKS = {
    "ok": Look("done", theme.SERVICE, "circle"),
    "business": Look("business error", theme.BUSINESS, "diamond", 29),
    "infrastructure": Look("infrastructure error", theme.INFRASTRUCTURE, "square", 22),
    "unclassified": Look("unclassified error", theme.UNCLASSIFIED, "hexagon2", 26),
    "started": Look("in progress", theme.SERVICE, "circle-open"),
    "plain": Look("plain span", theme.PLAIN, "circle", 10),
}


def kind(event: Event) -> str:
    """The key of an event in LOOKS. A class that is not known counts as unclassified."""
    if event.get("plain"):
        return "plain"
    if event["state"] == "started":
        return "started"
    if not event["failed"]:
        return "ok"
    error_class = (event.get("error") or {}).get("class")
    return error_class if error_class in {"business", "infrastructure"} else "unclassified"


def label(event: Event) -> str:
    """The name of the step; of a plain span its own name."""
    return str(event.get("step") or event.get("name") or "unnamed")


def actor(event: Event) -> str:
    """``human dana``; only the type if nobody is named; empty if nothing is known."""
    who = event.get("actor") or {}
    return " ".join(part for part in (str(who.get("type") or "").replace("_", " "), str(who.get("id") or "")) if part)


def hover(event: Event, number: int, zone: tzinfo) -> str:
    """The hover text of an event, one fact per line."""
    error = event.get("error") or {}
    shared = event.get("shared") or {}
    facts = [
        f"<b>{number}. {theme.text(label(event), 60)}</b>  {theme.text(event['system'], 40)}",
        formats.moment(event["start"], zone),
        _took(event),
        f"attempt {event['attempt']} (retry {event['attempt'] - 1})" if (event.get("attempt") or 1) > 1 else "",
        f"<b>{theme.text(error.get('class'))} error</b> {theme.text(error.get('type', ''), 60)}" if error else "",
        theme.text(error.get("message") or "", 90),
        f"by {theme.text(actor(event), 60)}" if actor(event) else "",
        f"cost {theme.text(formats.money(event['cost']), 40)}" if event.get("cost") else "",
        f"shared by {shared['count']} cases" if shared.get("count", 1) > 1 else "",
        f"ends the case: {theme.text(event['outcome'], 40)}" if event.get("outcome") else "",
    ]
    return "<br>".join(fact for fact in facts if fact)


def _took(event: Event) -> str:
    waited = f", after waiting {formats.duration(event['wait_s'])}" if event.get("wait_s") else ""
    if event["state"] == "started":
        return "in progress" + waited
    return f"took {formats.duration(event['duration_s'])}{waited}"
