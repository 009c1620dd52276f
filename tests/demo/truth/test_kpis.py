"""Each figure against an example small enough to be worked out by hand."""

from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise

import pytest

from demo.truth.kpis import (
    Waited,
    by_dimension,
    durations,
    ended_between,
    errors_per_1000,
    iso_week_starts,
    kaplan_meier_quantile,
    plain_quantile,
    retries,
    started_between,
    survival_curve,
    touchless,
    touchless_by_outcome,
)

HALF, NINE_TENTHS = Fraction(1, 2), Fraction(9, 10)


def account(**more):
    lasted = {"start": "2026-03-02T10:00:00.000000Z", "end": "2026-03-03T10:00:00.000000Z"}
    return {**lasted, "outcome": "completed", "touches": 0, "unknown_events": 0, "dims": {}, "steps": [], **more}


def step(name, attempt=1, error=None, *, share=1_000_000, cost=None):
    named = {"system": "wms", "step": name, "attempt": attempt, "error": {"class": error} if error else None}
    return {
        **named,
        "share_millionths": share,
        "cost": {"amount": "1.00", "currency": "EUR"} if cost else None,
        "cost_share_millionths": cost or 0,
    }


def waits(*ended, flying=()):
    return [Waited(Fraction(t), ended=True) for t in ended] + [Waited(Fraction(t), ended=False) for t in flying]


def test_touchless_counts_orders_without_a_hand_and_keeps_unknown_actors_apart():
    orders = {
        "1": account(),
        "2": account(touches=2),
        "3": account(unknown_events=1),
        "4": account(touches=1, unknown_events=1),
        "5": account(end=None, outcome=None),
    }
    found = touchless(orders)
    assert (found.n, found.touchless, found.touched, found.unknown) == (4, 1, 2, 1)
    assert found.rate == Fraction(1, 4)
    assert touchless({}).rate is None


def test_touchless_is_told_by_outcome_without_orders_in_flight():
    orders = {
        "1": account(),
        "2": account(touches=1),
        "3": account(outcome="rejected"),
        "4": account(end=None, outcome=None),
    }
    assert {outcome: found.rate for outcome, found in touchless_by_outcome(orders).items()} == {
        "completed": HALF,
        "rejected": Fraction(1),
    }


def test_errors_count_orders_once_and_shared_attempts_by_their_part():
    orders = {
        "1": account(steps=[step("a", error="business"), step("a", error="infrastructure"), step("b")]),
        "2": account(steps=[step("a", error="infrastructure", share=500_000), step("b", share=500_000)]),
        "3": account(steps=[step("a")]),
    }
    found = errors_per_1000(orders)
    assert found is not None
    assert found.cases_with_error_per_1000 == Fraction(2000, 3)
    assert found.cases_by_class_per_1000 == {"business": Fraction(1000, 3), "infrastructure": Fraction(2000, 3)}
    assert found.attempts == 5
    assert found.failed_attempts_per_1000 == 500  # 2.5 of 5
    assert found.failed_by_class_per_1000 == {"business": 200, "infrastructure": 300}
    assert errors_per_1000({}) is None


def test_retries_cost_what_their_attempts_cost_and_are_wasted_where_the_step_never_worked():
    orders = {
        "1": account(steps=[step("book", error="infrastructure", cost=350_000), step("book", 2, cost=350_000)]),
        "2": account(
            steps=[
                step("book", error="business", share=500_000, cost=175_000),
                step("book", 2, "business", share=500_000, cost=175_000),
            ]
        ),
        "3": account(steps=[step("pack")]),
    }
    found = retries(orders)
    assert set(found) == {("book", "wms")}
    book = found["book", "wms"]
    assert book.retries == Fraction(3, 2)
    assert book.cost == {"EUR": Fraction(525, 1000)}
    assert book.wasted_share == Fraction(1, 3)


def test_kaplan_meier_worked_out_by_hand():
    # At risk 6, one ends at 1: 5/6. One leaves at 2. At 3 two of 4 end: 5/12. One leaves at 4. The last ends at 5: 0.
    curve = survival_curve(waits(1, 3, 3, 5, flying=(2, 4)))
    assert curve == [(1, Fraction(5, 6)), (3, Fraction(5, 12)), (5, Fraction(0))]
    assert kaplan_meier_quantile(waits(1, 3, 3, 5, flying=(2, 4)), HALF) == 3
    assert kaplan_meier_quantile(waits(1, 3, 3, 5, flying=(2, 4)), NINE_TENTHS) == 5


def test_an_order_in_flight_is_still_at_risk_at_its_own_age():
    assert survival_curve(waits(2, flying=(2,))) == [(2, HALF)]
    assert kaplan_meier_quantile(waits(2, flying=(2,)), HALF) == 2


def test_a_curve_that_does_not_reach_the_quantile_has_none():
    assert kaplan_meier_quantile(waits(1, flying=(5, 6, 7)), HALF) is None
    assert kaplan_meier_quantile([], HALF) is None


def test_without_orders_in_flight_it_is_the_nearest_rank():
    for values in ([7], [1, 2], [1, 2, 3, 4, 5], list(range(1, 21))):
        for quantile in (HALF, NINE_TENTHS):
            assert kaplan_meier_quantile(waits(*values), quantile) == plain_quantile(waits(*values), quantile)
    assert plain_quantile(waits(*range(1, 21)), NINE_TENTHS) == 18
    assert plain_quantile(waits(flying=(3,)), HALF) is None


def test_durations_run_to_now_for_orders_in_flight():
    orders = {"1": account(), "2": account(end=None, outcome=None)}
    as_of = datetime(2026, 3, 2, 11, 0, 0, 500_000, tzinfo=UTC)
    assert durations(orders, as_of) == [Waited(Fraction(86400), ended=True), Waited(Fraction(7201, 2), ended=False)]


def test_cohorts_are_half_open():
    orders = {"1": account(), "2": account(end=None, outcome=None)}
    second, third = datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert set(started_between(orders, second, third)) == {"1", "2"}
    assert set(ended_between(orders, second, third)) == set()
    assert set(ended_between(orders, third, datetime(2026, 3, 4, tzinfo=UTC))) == {"1"}


def test_groups_are_by_dimension_or_outcome():
    orders = {"1": account(dims={"region": "DE"}), "2": account(outcome="rejected")}
    assert {value: set(group) for value, group in by_dimension(orders, "region").items()} == {"DE": {"1"}, "": {"2"}}
    assert set(by_dimension(orders, "outcome")) == {"completed", "rejected"}


@pytest.mark.parametrize(("tz", "hours"), [("UTC", [168, 168]), ("Europe/Berlin", [168, 167])])
def test_iso_weeks_start_on_monday_in_their_zone(tz, hours):
    start, end = datetime(2026, 3, 18, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    weeks = iso_week_starts(start, end, tz)
    assert [(b - a).total_seconds() / 3600 for a, b in pairwise(weeks)] == hours
