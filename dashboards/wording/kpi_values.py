"""Values of a KPI as text. How one is written depends on the unit that the answer states for it."""

from collections.abc import Mapping
from typing import Any

from dashboards.wording import formats

Answer = Mapping[str, Any]
Point = Mapping[str, Any]


SHARES = frozenset({"ratio", "share", "1"})
"""Units of values from 0 to 1."""


TIMES = {"date": "%d %b %Y", "instant": "%d %b %Y, %H:%M"}
"""Units of values that are no numbers, and their formats: a day, and an instant in the zone of the answer."""


def _listed(answer: Answer) -> dict[str, Mapping[str, Any]]:
    return {entry["id"]: entry for entry in answer["measures"]}


def unit(answer: Answer, measure: str) -> str:
    """The unit of a measure; that of the KPI if the measure is not listed."""
    return str(_listed(answer).get(measure, answer).get("unit") or "")


def title(answer: Answer, measure: str) -> str:
    """The name of a measure for readers."""
    listed = _listed(answer)
    return str(listed[measure]["title"]) if measure in listed else measure.replace("_", " ")


def has(answer: Answer, measure: str) -> bool:
    """Whether the answer has this measure. Some depend on what the flow declares."""
    return measure in _listed(answer)


def currencies(answer: Answer, prefix: str) -> list[str]:
    """The currencies of the measures ``<prefix><currency>``, the one with the largest amount first."""
    names = [name for name in _listed(answer) if name.startswith(prefix)]
    whole = answer["totals"][0] if answer["totals"] else {"values": {}}
    names.sort(key=lambda name: -(number(whole, name) or 0.0))
    return [name.removeprefix(prefix) for name in names]


def value(answer: Answer, point: Point, measure: str) -> str:
    """The value of a measure as text; ``> 3 d 2 h so far`` if only a lower bound is known yet."""
    bound = (point.get("bounds") or {}).get(measure)
    if bound:
        return f"> {formats.duration(bound['at_least'])} so far"
    number, of_unit = point["values"].get(measure), unit(answer, measure)
    if number is not None and of_unit in TIMES:
        moment = formats.instant(number) if of_unit == "date" else formats.in_zone(number, answer["window"]["tz"])
        return moment.strftime(TIMES[of_unit])
    return written(number, of_unit)


def written(number: Any, of_unit: str) -> str:
    """A number with its unit; a dash for None."""
    if number is None:
        return formats.NONE
    if of_unit in {"s", "seconds"}:
        return formats.duration(float(number))
    if of_unit in SHARES:
        return formats.percent(float(number))
    if len(of_unit) == 3 and of_unit.isupper():
        return f"{formats.decimal(number)} {of_unit}"
    if of_unit.startswith("per "):
        return f"{float(number):,.1f}"
    return formats.count(float(number)) if float(number).is_integer() else f"{float(number):,.2f}"


def band(answer: Answer, measure: str) -> str:
    """The band of cases that a measure is about; empty for all cases of the point."""
    return str(_listed(answer).get(measure, {}).get("band") or "")


def group_name(group: Mapping[str, str], *, without: str = "") -> str:
    """``web, completed``; ``all cases`` for no group; ``not set`` for an empty value."""
    parts = [value or "not set" for name, value in group.items() if name != without]
    return ", ".join(parts) or "all cases"


def number(point: Point, measure: str) -> float | None:
    """The value to draw; the lower bound if only that is known."""
    bound = (point.get("bounds") or {}).get(measure)
    if bound:
        return float(bound["at_least"])
    drawn = point["values"].get(measure)
    return None if drawn is None else float(drawn)


def bounded(point: Point, measure: str) -> bool:
    """Whether only a lower bound of the value is known."""
    return measure in (point.get("bounds") or {})
