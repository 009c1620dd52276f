"""How a KPI's values are written: by the unit that the answer itself states for each measure."""

from collections.abc import Mapping
from typing import Any

from dashboards import formats

Answer = Mapping[str, Any]
Point = Mapping[str, Any]


def unit(answer: Answer, measure: str) -> str:
    """The unit of a measure; the answer's own where the measure is not listed."""
    listed = {entry["id"]: entry for entry in answer["measures"]}
    return str(listed.get(measure, answer).get("unit") or "")


def title(answer: Answer, measure: str) -> str:
    listed = {entry["id"]: entry for entry in answer["measures"]}
    return str(listed[measure]["title"]) if measure in listed else measure.replace("_", " ")


def value(answer: Answer, point: Point, measure: str) -> str:
    """The value as a reader sees it: ``> 3 d 2 h so far`` where the curve does not reach the quantile yet."""
    bound = (point.get("bounds") or {}).get(measure)
    if bound:
        return f"> {formats.duration(bound['at_least'])} so far"
    return written(point["values"].get(measure), unit(answer, measure))


def written(number: Any, of_unit: str) -> str:
    """A number with its unit; a dash for None."""
    if number is None:
        return formats.NONE
    if of_unit in {"s", "seconds"}:
        return formats.duration(float(number))
    if of_unit in {"ratio", "share", "1"}:
        return formats.percent(float(number))
    if len(of_unit) == 3 and of_unit.isupper():
        return f"{formats.decimal(number)} {of_unit}"
    if of_unit.startswith("per "):
        return f"{float(number):,.1f}"
    return formats.count(float(number)) if float(number).is_integer() else f"{float(number):,.2f}"


_BANDS = (
    ("touchless_", "touchless"),
    ("touched_", "touched"),
    ("unknown_", "unknown"),
    ("plain_", "finished"),
    ("finished_n", "finished"),
    ("wasted_", "wasted"),
    ("retr", "retried"),
)
"""Beginnings of measures, and the band of a point's cases that such a measure is about."""


def band(measure: str) -> str:
    """The part of a point's cases that a measure is about, as the API names it; empty for all of them."""
    if "per_1000" in measure or measure in {"cases_with_error", "failed_attempts"}:
        error_class = measure.rpartition("_")[2]
        return error_class if error_class in {"business", "infrastructure", "unclassified"} else "error"
    return next((name for start, name in _BANDS if measure.startswith(start)), "")


def group_name(group: Mapping[str, str], *, without: str = "") -> str:
    """``web, completed``; ``all cases`` for no group; a value that is empty is called "not set"."""
    parts = [value or "not set" for name, value in group.items() if name != without]
    return ", ".join(parts) or "all cases"


def number(point: Point, measure: str) -> float | None:
    """The value to draw: the bound where only a bound is known."""
    bound = (point.get("bounds") or {}).get(measure)
    if bound:
        return float(bound["at_least"])
    drawn = point["values"].get(measure)
    return None if drawn is None else float(drawn)


def bounded(point: Point, measure: str) -> bool:
    """Whether the value is only known to be more than this."""
    return measure in (point.get("bounds") or {})
