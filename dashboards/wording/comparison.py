"""How a figure differs from the one of the period before: words that do not judge, and apart from them a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards.wording import formats, kpi_values

Answer = Mapping[str, Any]
Point = Mapping[str, Any]


_HIGHER = frozenset({
    "touchless_rate", "touchless_n", "automated_share", "automated_n", "moved_n", "first_time_right_rate",
    "first_time_right_n", "sla_attainment", "met_n", "recovered", "recovered_n", "resolved", "key_coverage",
    "reached_rate",
})  # fmt: skip
_LOWER = frozenset({
    "touched_rate", "touched_n", "rework_rate", "reworked_n", "repeats", "repeated_n", "rejected_n", "corrected_n",
    "compensated_n", "retries", "wasted_retries", "wasted_share", "retried_cases", "opened", "opened_cases", "backlog",
    "backlog_cases", "oldest_age_s", "lost_n", "overdue_share", "overdue", "decided_late", "overdue_cases",
    "late_cases", "breached_n", "breached_open_n", "duplicate_effects", "surplus_effects", "duplicate_cases",
    "time_to_target_s", "cases_with_error", "failed_attempts",
})  # fmt: skip
_LOWER_STARTS = ("km_", "plain_", "business_", "resolve_", "at_risk_", "lost_", "backlog_value_", "retry_cost_")


def better(measure: str) -> str:
    """Which way a measure should go: higher, lower, or an empty text where neither is good in itself."""
    if measure in _HIGHER or measure.startswith("recovered_"):
        return "higher"
    lower = measure in _LOWER or measure.startswith(_LOWER_STARTS) or "_per_1000" in measure
    return "lower" if lower else ""


@dataclass(frozen=True)
class Change:
    """``words`` such as "up 2.1 points"; ``verdict`` is better, worse or empty; ``before`` is the earlier value."""

    words: str
    verdict: str
    before: str


def change(answer: Answer, measure: str, point: Point) -> Change | None:
    """The change of a point since the point of the same group in ``answer["previous"]``; None without one."""
    before = earlier(answer, point)
    if before is None:
        return None
    told = kpi_values.value(answer, before, measure)
    if kpi_values.bounded(point, measure) or kpi_values.bounded(before, measure):
        return Change("not to be compared yet", "", told)
    now, then = point["values"].get(measure), before["values"].get(measure)
    if now is None or then is None or kpi_values.unit(answer, measure) in kpi_values.TIMES:
        return None
    if kpi_values.value(answer, point, measure) == told:
        return Change("as before", "", told)
    difference = Decimal(str(now)) - Decimal(str(then))
    words = f"{'up' if difference > 0 else 'down'} {_amount(abs(difference), kpi_values.unit(answer, measure))}"
    return Change(words, _verdict(better(measure), rising=difference > 0), told)


def earlier(answer: Answer, point: Point) -> Point | None:
    """The total of the same group over the period before."""
    totals = (answer.get("previous") or {}).get("totals") or []
    return next((total for total in totals if total["group"] == point["group"]), None)


def _amount(difference: Decimal, unit: str) -> str:
    if unit in kpi_values.SHARES:
        return f"{difference * 100:.1f} points"
    return kpi_values.written(difference, unit)


def _verdict(wanted: str, *, rising: bool) -> str:
    if not wanted:
        return ""
    return "better" if rising == (wanted == "higher") else "worse"


def comparable(answers: Sequence[Answer]) -> bool:
    """Whether there was anything in the period before: a change since nothing says nothing."""
    earlier_ones = [answer["previous"] for answer in answers if answer.get("previous")]
    return any(one["n"] or one["in_flight"]["n"] for one in earlier_ones)


def period(answer: Answer) -> str:
    """The window of the comparison in one line: ``31 Aug 2026 to 12 Oct 2026``; empty without one."""
    window = (answer.get("previous") or {}).get("window")
    if not window:
        return ""
    since, until = (formats.in_zone(window[edge], window["tz"]) for edge in ("from", "to"))
    return f"{since:%d %b %Y} to {until:%d %b %Y}"
