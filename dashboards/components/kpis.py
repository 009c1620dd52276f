"""Which figures stand large on each KPI's card."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboards import formats, measures
from dashboards.components.kpi_card import headline, kpi_card
from dashboards.figures import lines, retries, touchless
from dashboards.figures.buckets import SMALL_N, Answer, Point
from dashboards.figures.errors_per_1000 import CLASSES, PANELS, errors_per_1000
from dashboards.figures.time_to_fulfil import MEDIAN, P90, time_to_fulfil

MAX_HEADLINES = 4


def card(answer: Answer, group_by: str = "") -> Any:
    """The card of one KPI answer. ``group_by`` is what was asked for; a card that is not split by it says so."""
    headlines, draw, drawn = _KPIS[answer["kpi"]]
    return kpi_card(answer, headlines(answer), draw(answer), _note(answer, drawn(answer), group_by))


def _note(answer: Answer, drawn: Sequence[Mapping[str, str]], group_by: str) -> str:
    hidden = len(lines.groups(answer)) - len(drawn)
    parts = [f"The {len(drawn)} largest groups are drawn, {hidden} more are in the table."] if hidden else []
    if group_by and answer["points"] and not any(group_by in point["group"] for point in answer["points"]):
        parts.insert(0, f"Not split by {group_by.replace('_', ' ')}: that has no meaning for this figure.")
    if answer["kpi"] != "retries" and any(0 < int(point["n"]) < SMALL_N for point in answer["points"]):
        parts.append(f"Hollow marks: fewer than {SMALL_N} cases.")
    if any(point.get("bounds") for point in answer["points"]):
        parts.append("Open triangles: more than this so far, because too many cases are still in flight.")
    return " ".join(parts)


def _whole(answer: Answer) -> Point:
    """The whole window over all groups: the API puts it first among the totals."""
    return next(point for point in answer["totals"] if not point["group"])


def _touchless(answer: Answer) -> Sequence[Any]:
    """All outcomes together is never shown without each outcome beside it."""
    parts = sorted((point for point in answer["totals"] if point["group"]), key=lambda point: -int(point["n"]))
    named = [("all outcomes", _whole(answer))]
    named += [(measures.group_name(point["group"]), point) for point in parts[:MAX_HEADLINES]]
    return [
        headline(
            name, measures.value(answer, point, "touchless_rate"), point, f"of {formats.plural(point['n'], 'case')}"
        )
        for name, point in named
    ]


def _time_to_fulfil(answer: Answer) -> Sequence[Any]:
    return [
        _headline(answer, MEDIAN, "half done after", "cases in flight counted"),
        _headline(answer, P90, "90 % done after", "cases in flight counted"),
        _headline(answer, "plain_median_s", "median of finished", "cases in flight left out"),
    ]


def _errors(answer: Answer) -> Sequence[Any]:
    return [
        _headline(answer, measure, f"{name} per 1,000", _split(answer, measure)) for measure, name in PANELS.items()
    ]


def _split(answer: Answer, measure: str) -> str:
    whole = _whole(answer)
    return ", ".join(f"{measures.value(answer, whole, f'{measure}_{one}')} {one}" for one in CLASSES)


def _retries(answer: Answer) -> Sequence[Any]:
    shown = [entry for entry in answer["measures"] if entry["id"] in {"retries", "wasted_share"}]
    shown += [entry for entry in answer["measures"] if entry["id"].startswith("retry_cost")]
    return [_headline(answer, entry["id"], entry["title"]) for entry in shown]


def _headline(answer: Answer, measure: str, name: str, note: str = "") -> Any:
    """A measure over the whole window; it leads to those cases that the measure is about."""
    whole = _whole(answer)
    return headline(name, measures.value(answer, whole, measure), whole, note, measures.band(measure))


_KPIS: dict[
    str,
    tuple[Callable[[Answer], Sequence[Any]], Callable[[Answer], Any], Callable[[Answer], Sequence[Mapping[str, str]]]],
] = {
    "touchless-rate": (_touchless, touchless.touchless, touchless.drawn),
    "time-to-fulfil": (_time_to_fulfil, time_to_fulfil, lines.shown),
    "errors-per-1000": (_errors, errors_per_1000, lines.shown),
    "retries": (_retries, retries.retries, retries.drawn),
}
