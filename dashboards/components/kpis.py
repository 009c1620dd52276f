"""Which figures stand large on each KPI's card."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboards import formats, measures
from dashboards.components.kpi_card import headline, kpi_card
from dashboards.figures import lines, retries, touchless
from dashboards.figures.buckets import SMALL_N, Answer, Point
from dashboards.figures.errors_per_1000 import PANELS, errors_per_1000
from dashboards.figures.time_to_fulfil import MEDIAN, P90, time_to_fulfil

MAX_HEADLINES = 4


def card(answer: Answer) -> Any:
    """The card of one KPI answer."""
    headlines, draw, drawn = _KPIS[answer["kpi"]]
    return kpi_card(answer, headlines(answer), draw(answer), _note(answer, drawn(answer)))


def _note(answer: Answer, drawn: Sequence[Mapping[str, str]]) -> str:
    hidden = len(lines.groups(answer)) - len(drawn)
    parts = [f"The {len(drawn)} largest groups are drawn, {hidden} more are in the table."] if hidden else []
    if answer["kpi"] != "retries" and any(0 < int(point["n"]) < SMALL_N for point in answer["points"]):
        parts.append(f"Hollow marks: fewer than {SMALL_N} cases.")
    if any(point.get("bounds") for point in answer["points"]):
        parts.append("Open triangles: more than this so far, because too many cases are still in flight.")
    return " ".join(parts)


def overall(answer: Answer) -> Point | None:
    """The total over all cases, if the answer has it."""
    return next((point for point in answer["totals"] if not point["group"]), None)


def _largest(answer: Answer) -> list[Point]:
    """The total over all cases, or else those of the largest groups."""
    whole = overall(answer)
    return [whole] if whole else sorted(answer["totals"], key=lambda point: -int(point["n"]))[:MAX_HEADLINES]


def _touchless(answer: Answer) -> Sequence[Any]:
    """All outcomes together is never shown without each outcome beside it."""
    whole = overall(answer)
    first = [_rate(answer, whole, "all outcomes")] if whole else []
    parts = sorted((point for point in answer["totals"] if point["group"]), key=lambda point: -int(point["n"]))
    return first + [_rate(answer, point, measures.group_name(point["group"])) for point in parts[:MAX_HEADLINES]]


def _rate(answer: Answer, point: Point, name: str) -> Any:
    return headline(
        name, measures.value(answer, point, "touchless_rate"), point, f"of {formats.plural(point['n'], 'case')}"
    )


def _time_to_fulfil(answer: Answer) -> Sequence[Any]:
    whole = overall(answer)
    if whole is None:
        return [
            headline(measures.group_name(point["group"]), measures.value(answer, point, MEDIAN), point, "median")
            for point in _largest(answer)
        ]
    return [
        headline("half done after", measures.value(answer, whole, MEDIAN), whole, "cases in flight counted"),
        headline("90 % done after", measures.value(answer, whole, P90), whole, "cases in flight counted"),
        headline(
            "median of finished", measures.value(answer, whole, "plain_median_s"), whole, "cases in flight left out"
        ),
    ]


def _errors(answer: Answer) -> Sequence[Any]:
    return [
        headline(
            f"{name} per 1,000" + (f", {measures.group_name(point['group'])}" if point["group"] else ""),
            measures.value(answer, point, measure),
            point,
            _split(answer, point, measure),
        )
        for point in _largest(answer)[:2]
        for measure, name in PANELS.items()
    ]


def _split(answer: Answer, point: Point, measure: str) -> str:
    classes = ("business", "infrastructure", "unclassified")
    return ", ".join(f"{measures.value(answer, point, f'{measure}_{one}')} {one}" for one in classes)


def _retries(answer: Answer) -> Sequence[Any]:
    return [
        headline(
            measures.title(answer, entry["id"])
            + (f", {measures.group_name(point['group'])}" if point["group"] else ""),
            measures.value(answer, point, entry["id"]),
            point,
        )
        for point in _largest(answer)[:1]
        for entry in answer["measures"]
        if entry["id"] in {"retries", "wasted_share"} or entry["id"].startswith("retry_cost")
    ]


_KPIS: dict[
    str,
    tuple[Callable[[Answer], Sequence[Any]], Callable[[Answer], Any], Callable[[Answer], Sequence[Mapping[str, str]]]],
] = {
    "touchless-rate": (_touchless, touchless.touchless, touchless.drawn),
    "time-to-fulfil": (_time_to_fulfil, time_to_fulfil, lines.shown),
    "errors-per-1000": (_errors, errors_per_1000, lines.shown),
    "retries": (_retries, retries.retries, retries.drawn),
}
NAMES = tuple(_KPIS)
