"""What each KPI means, in the words that travel with its figures. docs/kpis.md explains them at length.

A change of meaning is a new version: raise ``version`` and say in docs/kpis.md what changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from cases.kpis.query import Grouping

KpiId = Literal["touchless-rate", "time-to-fulfil", "errors-per-1000", "retries"]
Cohort = Literal["cases that ended in the window", "cases that started in the window"]

ENDED: Final[Cohort] = "cases that ended in the window"
STARTED: Final[Cohort] = "cases that started in the window"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a KPI. ``unit``: ratio (0 to 1), cases, retries, attempts, s, per 1,000 … or a currency."""

    id: str
    title: str
    unit: str
    definition: str

    def to_json(self) -> dict[str, str]:
        """The contract's measure."""
        return {"id": self.id, "title": self.title, "unit": self.unit, "definition": self.definition}


@dataclass(frozen=True, slots=True)
class Definition:
    """``groupings`` are the kinds of group that make sense beside none; ``bands`` name parts of a point's cases."""

    kpi: KpiId
    version: str
    title: str
    unit: str
    cohort: Cohort
    text: str
    groupings: frozenset[Grouping]
    bands: tuple[str, ...]
    measures: tuple[Measure, ...]


def _by_class(measure: str, title: str, unit: str) -> tuple[Measure, ...]:
    """A figure over errors of every class, and the same for each class."""
    whole = Measure(measure, title, unit, f"{title} of any class, {unit}.")
    parts = (
        Measure(f"{measure}_{name}", f"{title}: {name}", unit, f"{title} of class {name}, {unit}.")
        for name in ("business", "infrastructure", "unclassified")
    )
    return (whole, *parts)


TOUCHLESS_RATE: Final = Definition(
    kpi="touchless-rate",
    version="1",
    title="Touchless rate",
    unit="ratio",
    cohort=ENDED,
    text=(
        "Cases that ended without a touch ÷ cases that ended, always split by outcome. A touch is an event whose "
        "actor is human and whose action is create, edit, approve, reject, retry, resend or release; viewing and "
        "the customer's own submit are none. A case without a touch but with an event by an unknown actor is not "
        "touchless: it is a band of its own. In flight: cases open when the bucket closes, or as of now if it has "
        "not; they have no outcome yet, so each outcome of a bucket shows the same number."
    ),
    groupings=frozenset({"dimension", "outcome"}),
    bands=("touchless", "touched", "unknown", "in_flight"),
    measures=(
        Measure("touchless_rate", "Touchless", "ratio", "Cases with no touch and no event by an unknown actor ÷ n."),
        Measure("touched_rate", "Touched", "ratio", "Cases with at least one touch ÷ n."),
        Measure("unknown_rate", "Unknown actor", "ratio", "Cases with no touch but an event by an unknown actor ÷ n."),
        Measure("touchless_n", "Touchless cases", "cases", "Cases with no touch and no event by an unknown actor."),
        Measure("touched_n", "Touched cases", "cases", "Cases with at least one touch."),
        Measure("unknown_n", "Unknown-actor cases", "cases", "Cases with no touch but an event by an unknown actor."),
    ),
)

TIME_TO_FULFIL: Final = Definition(
    kpi="time-to-fulfil",
    version="1",
    title="Time to fulfil",
    unit="s",
    cohort=STARTED,
    text=(
        "Calendar time from a case's first event to its end. Median and p90 are Kaplan-Meier estimates over all "
        "cases that started in the window: those in flight count as at least as long as they have run so far. The "
        "quantile is the shortest time after which no more than 1/2 (1/10) of the cases are estimated to be open; "
        "where the curve does not fall that far the answer is a lower bound, never a number. The plain median and "
        "p90 are of the cases that ended in the window, whenever they started: exact, rank ⌊q·n⌋+1, biased towards "
        "short cases."
    ),
    groupings=frozenset({"dimension"}),
    bands=("in_flight", "finished"),
    measures=(
        Measure("km_median_s", "Median (Kaplan-Meier)", "s", "Half of the started cases end within this time."),
        Measure("km_p90_s", "p90 (Kaplan-Meier)", "s", "Nine in ten of the started cases end within this time."),
        Measure("plain_median_s", "Plain median of ended cases", "s", "Median of the cases that ended only."),
        Measure("plain_p90_s", "Plain p90 of ended cases", "s", "p90 of the cases that ended only."),
        Measure("finished_n", "Ended cases", "cases", "Cases that ended in the window: the n of the plain measures."),
    ),
)

ERRORS_PER_1000: Final = Definition(
    kpi="errors-per-1000",
    version="1",
    title="Errors per 1,000",
    unit="per 1,000",
    cohort=STARTED,
    text=(
        "Two figures. 1,000 x cases with a failed attempt ÷ cases, and 1,000 x failed attempts ÷ attempts, over the "
        "cases that started in the window, those in flight included as far as they have come. An attempt is a "
        "finished step; it failed when it says so. Business: the process said no. Infrastructure: a system did not "
        "work. Unclassified: the sender did not say. A case with errors of two classes counts in both, once in the "
        "whole. An attempt shared by n cases counts 1/n in each."
    ),
    groupings=frozenset({"dimension", "outcome"}),
    bands=("error", "business", "infrastructure", "unclassified", "in_flight"),
    measures=(
        *_by_class("cases_with_error_per_1000", "Cases with an error", "per 1,000 cases"),
        *_by_class("failed_attempts_per_1000", "Failed attempts", "per 1,000 attempts"),
        Measure("cases_with_error", "Cases with an error", "cases", "Cases with a failed attempt of any class."),
        Measure("failed_attempts", "Failed attempts", "attempts", "Failed attempts, a shared one by its share."),
        Measure("attempts", "Attempts", "attempts", "Finished attempts, a shared one by its share."),
    ),
)

RETRIES: Final = Definition(
    kpi="retries",
    version="1",
    title="Retries and retry cost",
    unit="retries",
    cohort=STARTED,
    text=(
        "Attempts beyond the first, by step and system, in the cases that started in the window, those in flight "
        "included as far as they have come. Retry cost is what those attempts cost, per currency, never added "
        "across. Wasted share: retries of a step that never succeeded in its case at that system ÷ retries. An "
        "attempt shared by n cases counts 1/n in each. n of the whole counts all cases, n of a step those retried "
        "there. An automatic retry is an attempt, not rework."
    ),
    groupings=frozenset({"dimension", "outcome", "step"}),
    bands=("retried", "wasted", "in_flight"),
    measures=(
        Measure("retries", "Retries", "retries", "Attempts beyond the first, a shared one by its share."),
        Measure("wasted_retries", "Wasted retries", "retries", "Retries of a step that never succeeded in its case."),
        Measure("wasted_share", "Wasted share", "ratio", "Wasted retries ÷ retries."),
        Measure("retried_cases", "Retried cases", "cases", "Cases with at least one retry."),
    ),
)

DEFINITIONS: Final[dict[str, Definition]] = {
    definition.kpi: definition for definition in (TOUCHLESS_RATE, TIME_TO_FULFIL, ERRORS_PER_1000, RETRIES)
}


def retry_cost(currency: str) -> Measure:
    """The measure of retry cost in ``currency``; XXX (ISO 4217: no currency) is money sent without one."""
    return Measure(
        f"retry_cost_{currency}", f"Retry cost in {currency}", currency, "Cost of the attempts beyond the first."
    )
