"""The change of a figure since the previous period: neutral words, and separately a verdict (better or worse)."""

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
    """Which direction is better for a measure: "higher", "lower", or "" if neither is."""
    if measure in _HIGHER or measure.startswith("recovered_"):
        return "higher"
    lower = measure in _LOWER or measure.startswith(_LOWER_STARTS) or "_per_1000" in measure
    return "lower" if lower else ""


@dataclass(frozen=True)
class Change:
    """``words`` such as "up 2.1 points"; ``verdict`` is better, worse or empty; ``before`` is the previous value."""

    words: str
    verdict: str
    before: str


def change(answer: Answer, measure: str, point: Point) -> Change | None:
    """The change since the total of the same group in ``answer["previous"]``; None if there is nothing to compare."""
    before = earlier(answer, point)
    if before is None:
        return None
    before_text = kpi_values.value(answer, before, measure)
    if kpi_values.bounded(point, measure) or kpi_values.bounded(before, measure):
        return Change("not comparable yet", "", before_text)
    now, then = point["values"].get(measure), before["values"].get(measure)
    if now is None or then is None or kpi_values.unit(answer, measure) in kpi_values.TIMES:
        return None
    # Compared as text: a difference that the reader cannot see is no change.
    if kpi_values.value(answer, point, measure) == before_text:
        return Change("unchanged", "", before_text)
    difference = Decimal(str(now)) - Decimal(str(then))
    words = f"{'up' if difference > 0 else 'down'} {_amount(abs(difference), kpi_values.unit(answer, measure))}"
    return Change(words, _verdict(better(measure), rising=difference > 0), before_text)


def earlier(answer: Answer, point: Point) -> Point | None:
    """The total of the same group over the previous period."""
    totals = (answer.get("previous") or {}).get("totals") or []
    return next((total for total in totals if total["group"] == point["group"]), None)


def _amount(difference: Decimal, unit: str) -> str:
    if unit in kpi_values.SHARES:
        return f"{difference * 100:.1f} points"
    return kpi_values.written(difference, unit)


def _verdict(direction: str, *, rising: bool) -> str:
    if not direction:
        return ""
    return "better" if rising == (direction == "higher") else "worse"


def comparable(answers: Sequence[Answer]) -> bool:
    """Whether the previous period has any case. Without one, every change would be from nothing."""
    periods = [answer["previous"] for answer in answers if answer.get("previous")]
    return any(previous["n"] or previous["in_flight"]["n"] for previous in periods)


def period(answer: Answer) -> str:
    """The previous period: ``31 Aug 2026 to 12 Oct 2026``; empty if the answer has none."""
    window = (answer.get("previous") or {}).get("window")
    if not window:
        return ""
    since, until = (formats.in_zone(window[edge], window["tz"]) for edge in ("from", "to"))
    return f"{since:%d %b %Y} to {until:%d %b %Y}"
