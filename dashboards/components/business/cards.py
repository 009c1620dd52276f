"""What the card of each KPI shows: its large figures and its chart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dashboards.components.business.headline import Headline, headline, whole
from dashboards.components.business.kpi_card import kpi_card
from dashboards.figures import key_coverage, lines, stacks, touchless
from dashboards.figures.buckets import SMALL_N, Answer, Point, unfinished
from dashboards.figures.errors_per_1000 import CLASSES, PANELS, errors_per_1000
from dashboards.figures.time_to_fulfil import BUSINESS, MEDIAN, P90, time_to_fulfil
from dashboards.figures.trend import Trend, trend
from dashboards.figures.value_at_risk import value_at_risk
from dashboards.wording import formats, kpi_values

MAX_HEADLINES = 4
BARS = frozenset({"retries", "exceptions", "value-at-risk", "manual-to-automated", "duplicate-effects"})
"""KPIs drawn as bars. The others are lines with marks, or a table only."""

PANELLED = frozenset({"errors-per-1000", "value-at-risk"})

Groups = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Card:
    """How one KPI is shown: its large figures, its chart (None for a table only), and the groups that the chart has."""

    headlines: Callable[[Answer], Sequence[Headline]]
    draw: Callable[[Answer], Any] | None = None
    drawn: Callable[[Answer], Groups] = lines.shown


def card(answer: Answer, group_by: str = "") -> Any:
    """The card of one KPI answer. ``group_by`` is the segment of the page; a card that is not split by it says so."""
    own = CARDS.get(answer["kpi"]) or _unknown(answer)
    if not own.draw:
        # A KPI over the whole history (onboarding) has no previous period.
        answer = {**answer, "previous": None}
    figure = own.draw(answer) if own.draw and _worth_drawing(answer) else None
    notes = [*(answer.get("notes") or []), _note(answer, own, group_by)]
    return kpi_card(answer, _blocks(answer, own), figure, notes)


def _worth_drawing(answer: Answer) -> bool:
    """Routes are drawn only if the flow declares them. Else the chart would be one bar of all cases."""
    return answer["kpi"] != "manual-to-automated" or any(point["group"] for point in answer["points"])


def _unknown(answer: Answer) -> Card:
    """For a KPI that this page does not know: its first measures under their own names."""
    shown = [Headline(entry["id"], entry["title"]) for entry in answer["measures"][:MAX_HEADLINES]]
    return Card(lambda _: shown, partial(trend, of=Trend({first.measure: first.name for first in shown[:1]})))


def _blocks(answer: Answer, own: Card) -> Sequence[Any]:
    if answer["kpi"] == "touchless-rate":
        return [headline(answer, point, shown) for point, shown in _by_outcome(answer)]
    point = whole(answer)
    return [headline(answer, point, shown) for shown in own.headlines(answer) if kpi_values.has(answer, shown.measure)]


def _note(answer: Answer, own: Card, group_by: str) -> str:
    drawn = own.drawn(answer)
    hidden = len(lines.parts(answer)) - len(drawn) if own.draw else 0
    parts = [f"The {len(drawn)} largest groups are drawn, {hidden} more are in the table."] if hidden else []
    if group_by and answer["totals"] and not any(group_by in point["group"] for point in answer["totals"]):
        parts.insert(0, f"Not split by {group_by.replace('_', ' ')}: this KPI cannot be.")
    if _has_hollow_marks(answer):
        parts.append(f"Hollow marks: fewer than {SMALL_N} cases.")
    if own.draw and answer["kpi"] not in BARS and any(point.get("bounds") for point in answer["points"]):
        parts.append("Open triangles: only known to be longer than this, because too many cases are still in flight.")
    if answer["kpi"] in PANELLED and unfinished(answer):
        parts.append("Shaded: incomplete.")
    return " ".join(parts)


def _has_hollow_marks(answer: Answer) -> bool:
    return answer["kpi"] not in BARS and any(0 < int(point["n"]) < SMALL_N for point in answer["points"])


def _by_outcome(answer: Answer) -> Sequence[tuple[Point, Headline]]:
    """One figure per outcome: the rate over all outcomes is never shown alone."""
    parts = sorted((point for point in answer["totals"] if point["group"]), key=lambda point: -int(point["n"]))
    named = [("all outcomes", whole(answer))]
    named += [(kpi_values.group_name(point["group"]), point) for point in parts[:MAX_HEADLINES]]
    return [
        (point, Headline("touchless_rate", name, f"of {formats.plural(point['n'], 'case')}")) for name, point in named
    ]


def _errors(answer: Answer) -> Sequence[Headline]:
    point = whole(answer)

    def split(measure: str) -> str:
        return ", ".join(f"{kpi_values.value(answer, point, f'{measure}_{name}')} {name}" for name in CLASSES)

    return [Headline(measure, f"{name} per 1,000", split(measure)) for measure, name in PANELS.items()]


def _retries(answer: Answer) -> Sequence[Headline]:
    costs = [Headline(f"retry_cost_{code}", f"cost in {code}") for code in kpi_values.currencies(answer, "retry_cost_")]
    return [Headline("retries", "retries"), Headline("wasted_share", "wasted", "the step never succeeded"), *costs]


def _exceptions(answer: Answer) -> Sequence[Headline]:
    cases = kpi_values.value(answer, whole(answer), "backlog_cases")
    values = kpi_values.currencies(answer, "backlog_value_")
    return [
        Headline("backlog", "open now", f"in {cases} cases"),
        Headline("oldest_age_s", "oldest open"),
        Headline("opened", "opened"),
        Headline("resolve_km_median_s", "median time to resolve", "open ones included"),
        *(Headline(f"backlog_value_{code}", f"open value in {code}") for code in values[:2]),
    ]


def _value_at_risk(answer: Answer) -> Sequence[Headline]:
    point = whole(answer)

    def fate(code: str) -> str:
        amounts = {
            name: kpi_values.value(answer, point, f"{name}_{code}") for name in ("recovered", "lost", "undecided")
        }
        return ", ".join(f"{value} {name}" for name, value in amounts.items() if value != formats.NONE)

    codes = kpi_values.currencies(answer, "at_risk_")
    return [
        *(Headline(f"at_risk_{code}", f"at risk in {code}", fate(code)) for code in codes[:3]),
        Headline("lost_n", "cases lost"),
    ]


def _fixed(*shown: Headline) -> Callable[[Answer], Sequence[Headline]]:
    return lambda _: shown


def _stacked(headlines: Callable[[Answer], Sequence[Headline]], stack: stacks.Stack) -> Card:
    return Card(headlines, partial(stacks.stacks, stack=stack), partial(stacks.drawn, stack=stack))


def _trend(headlines: Callable[[Answer], Sequence[Headline]], drawn: Mapping[str, str], *hover: str) -> Card:
    return Card(headlines, partial(trend, of=Trend(drawn, hover)))


CARDS: dict[str, Card] = {
    "touchless-rate": Card(_fixed(), touchless.touchless, touchless.drawn),
    "time-to-fulfil": Card(
        _fixed(
            Headline(MEDIAN, "median", "calendar time"),
            Headline(P90, "90th percentile", "calendar time"),
            Headline(BUSINESS, "median", "business hours"),
            Headline("business_km_p90_s", "90th percentile", "business hours"),
            Headline("plain_median_s", "median of ended cases", "without the cases in flight"),
        ),
        time_to_fulfil,
    ),
    "errors-per-1000": Card(_errors, errors_per_1000),
    "retries": _stacked(_retries, stacks.RETRIES),
    "exceptions": _stacked(_exceptions, stacks.EXCEPTIONS),
    "value-at-risk": Card(_value_at_risk, value_at_risk),
    "automated-events": _trend(
        _fixed(
            Headline("automated_share", "by services"),
            Headline("human_events", "events by people"),
            Headline("unknown_events", "events by unknown actors"),
        ),
        {"automated_share": "events by services"},
        "events",
    ),
    "manual-to-automated": _stacked(
        _fixed(
            Headline("moved_n", "moved to automated", "manual in the bucket before"),
            Headline("automated_share", "routed automatically"),
            Headline("manual_n", "routed manually"),
            Headline("unrouted_n", "routed otherwise"),
        ),
        stacks.ROUTES,
    ),
    "first-time-right": _trend(
        _fixed(
            Headline("first_time_right_rate", "right the first time"),
            Headline("repeated_n", "with a step repeated"),
            Headline("rejected_n", "with a rejection"),
            Headline("corrected_n", "corrected by a person"),
            Headline("compensated_n", "with a step undone"),
        ),
        {"first_time_right_rate": "right the first time"},
        "repeated_n",
        "rejected_n",
        "corrected_n",
        "compensated_n",
    ),
    "rework-rate": _trend(
        _fixed(Headline("rework_rate", "with rework"), Headline("reworked_n", "cases"), Headline("repeats", "repeats")),
        {"rework_rate": "cases with rework"},
        "repeats",
    ),
    "escalations": _trend(
        _fixed(
            Headline("overdue_share", "overdue", "of all approvals requested"),
            Headline("overdue", "overdue approvals"),
            Headline("decided_late", "decided late"),
            Headline("pending", "undecided"),
        ),
        {"overdue_share": "overdue"},
        "approvals",
        "overdue",
        "decided_late",
    ),
    "sla-attainment": _trend(
        _fixed(
            Headline("sla_attainment", "within the SLA"),
            Headline("met_n", "met"),
            Headline("breached_n", "breached"),
            Headline("breached_open_n", "breached, in flight"),
        ),
        {"sla_attainment": "within the SLA"},
        "met_n",
        "breached_n",
    ),
    "onboarding": Card(
        _fixed(
            Headline("time_to_target_s", "time to target", "from the first event"),
            Headline("target", "target", "touchless rate of a week"),
            Headline("reached_week", "first week on target"),
        )
    ),
    "duplicate-effects": Card(
        _fixed(
            Headline("duplicate_effects", "duplicate effects", "one key, several successes of one step"),
            Headline("duplicate_cases", "cases"),
            Headline("key_coverage", "attempts with a key"),
        ),
        key_coverage.key_coverage,
        key_coverage.drawn,
    ),
}
