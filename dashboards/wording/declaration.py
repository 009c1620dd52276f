"""The declaration of a flow in words: a name and a few words for each declared matter."""

import calendar as calendar_names
from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.wording import formats

Flow = Mapping[str, Any]


def words(flow: Flow) -> dict[str, str]:
    """Names of matters and what is declared about them. What is not declared is left out."""
    matters = {
        "A case is": f"one {spaced(flow.get('lead') or 'case')}",
        "SLA": formats.duration(flow["sla_s"]) if flow.get("sla_s") else "",
        "Outcomes": _outcomes(flow.get("outcomes") or {}),
        "Touchless target": _share(flow.get("touchless_target")),
        "Routing": _routing(flow.get("routing") or {}),
        "Dimensions": _dimensions(flow),
        "Business hours": _hours(flow.get("calendar") or {}),
        "Calendar": _calendar(flow.get("calendar") or {}),
        "Holidays": _holidays(flow.get("calendar") or {}),
        "Hub limit": _hub_limit(flow),
    }
    return {name: text for name, text in matters.items() if text}


def spaced(name: str) -> str:
    """``business_unit`` as ``business unit``."""
    return name.replace("_", " ")


def owner(flow: Flow) -> str:
    """``Order desk, orders@example.com``."""
    who = flow.get("owner") or {}
    return ", ".join(part for part in (who.get("name"), who.get("contact")) if part)


def _share(share: float | None) -> str:
    return "" if share is None else f"{formats.percent(share)} of the cases that end in a week"


def _outcomes(outcomes: Mapping[str, Any]) -> str:
    good = [name for name, kind in outcomes.items() if kind in {"success", True}]
    bad = [name for name in outcomes if name not in good]
    parts = [(good, "success"), (bad, "failure")]
    return "; ".join(f"{listed(names)}: {what}" for names, what in parts if names)


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _routing(routing: Mapping[str, Any]) -> str:
    if not routing:
        return ""
    text = f"by {spaced(routing['dimension'])}: {_either(routing, 'automated')} is automated, "
    text += f"{_either(routing, 'manual')} is manual"
    cohort = [spaced(name) for name in routing.get("cohort") or []]
    return text + (f"; compared within the same {listed(cohort)}" if cohort else "")


def _either(routing: Mapping[str, Any], kind: str) -> str:
    return " or ".join(routing.get(kind) or []) or "nothing"


def _dimensions(flow: Flow) -> str:
    segments = list(flow.get("segments") or [])
    names = list(dict.fromkeys([*segments, *(flow.get("dimensions") or [])]))
    marked = [f"{spaced(name)}{' (segment)' if name in segments else ''}" for name in names]
    return ", ".join(marked)


def _hours(calendar: Mapping[str, Any]) -> str:
    hours = calendar.get("business_hours") or {}
    return "; ".join(f"{days.capitalize()} {span}" for days, span in hours.items())


def _calendar(calendar: Mapping[str, Any]) -> str:
    zone = calendar.get("time_zone") or ""
    first = calendar_names.day_name[int(calendar.get("week_starts") or 1) - 1]
    return f"{zone}, weeks begin on {first}" if zone else ""


def _holidays(calendar: Mapping[str, Any]) -> str:
    return ", ".join(str(day) for day in calendar.get("holidays") or [])


def _hub_limit(flow: Flow) -> str:
    limit = flow.get("hub_limit")
    return f"an identifier to which more than {formats.count(limit)} others lead is not followed" if limit else ""
