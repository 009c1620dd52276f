"""Where the case is now, who holds it and since when: what support needs first."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from dash import html

from dashboards.wording import formats


def banner(case: Mapping[str, Any], zone: tzinfo) -> Any:
    """The state of a case in a sentence, and since when."""
    now = case.get("now") or {}
    return html.Section(
        [
            html.Span(_kicker(case, now), className="banner-kind"),
            html.P(_sentence(case, now), className="banner-text"),
            html.P(_since(case, now, zone), className="banner-since"),
            html.P("The last attempt failed.", className="banner-failed") if now.get("failed") else None,
        ],
        className=f"banner banner-{_tone(case, now)}",
        **{"aria-label": "Where the case is now"},
    )


def _tone(case: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if now.get("failed"):
        return "failed"
    if not case["in_flight"]:
        return "finished"
    return "progress" if now.get("state") == "in_progress" else "waiting"


def _kicker(case: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if not case["in_flight"]:
        return "Ended"
    return "In progress" if now.get("state") == "in_progress" else "Waiting"


def _sentence(case: Mapping[str, Any], now: Mapping[str, Any]) -> list[Any]:
    place = [html.Strong(now["step"])] if now.get("step") else ["an unnamed step"]
    where = [*place, " at ", html.Strong(now.get("system") or "an unknown system")]
    if not case["in_flight"]:
        return [html.Strong(case.get("outcome") or "ended"), ", after ", *where]
    if now.get("state") == "waiting" and (now.get("holder") or {}).get("type") in {None, "", "unknown", "system"}:
        return ["Between steps, last seen after ", *where]
    return ["Held by ", html.Strong(holder(now)), ", ", *where]


def holder(now: Mapping[str, Any]) -> str:
    """``human dana``; the system if no actor is named, because then a machine is working on it."""
    who = now.get("holder") or {}
    words = [str(who.get("type") or "").replace("_", " "), str(who.get("id") or "")]
    known = " ".join(word for word in words if word and word != "unknown")
    return known or (f"system {now['system']}" if now.get("system") else "an unknown actor")


def _since(case: Mapping[str, Any], now: Mapping[str, Any], zone: tzinfo) -> str:
    since = now.get("since") if case["in_flight"] else case.get("end")
    if not since:
        return ""
    age = (formats.instant(case["as_of"]) - formats.instant(since)).total_seconds()
    word = "since" if case["in_flight"] else "on"
    tail = f"for {formats.duration(max(0, age))}" if case["in_flight"] else f"{formats.duration(max(0, age))} ago"
    return f"{word} {formats.moment(since, zone)}, {tail}"
