"""Every case and every figure against what the demo's systems wrote down themselves, exactly."""

from collections import Counter
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from demo.truth import kpis as truth_kpis
from tests.e2e.examples import order_with_ids_of_its_own
from tests.e2e.running import UNTIL

FLOW = "/flows/order-to-cash"
WIDE = {"from": "2026-01-01", "to": "2099-01-01", "interval": "none"}


def money(amounts):
    """{currency: millionths} of a list of amounts in the API's form."""
    return {one["currency"]: int(Fraction(one["amount"]) * 1_000_000) for one in amounts}


def moment(text):
    return datetime.fromisoformat(text) if text else None


def told(order):
    """The summary that the API should give for an order of the truth."""
    return {
        "outcome": order["outcome"] or None,
        "events": order["events"],
        "touches": order["touches"],
        "unknown": order["unknown_events"],
        "failed": {"unclassified": 0, **order["failed"]},
        "retries": order["retries"],
        "shared_events": order["shared_events"],
        "cost": {currency: cost for currency, cost in order["cost_millionths"].items() if cost},
        "retry_cost": {currency: cost for currency, cost in order["retry_cost_millionths"].items() if cost},
        "shared_with": sorted(order["shared_with"]),
        "dims": order["dims"],
    }


def shown(case):
    return {
        "outcome": case["outcome"],
        "events": case["events"],
        "touches": case["touches"],
        "unknown": case["unknown_actor_events"],
        "failed": case["failed"],
        "retries": case["retries"],
        "shared_events": case["shared_events"],
        "cost": {currency: cost for currency, cost in money(case["cost"]).items() if cost},
        "retry_cost": {currency: cost for currency, cost in money(case["retry_cost"]).items() if cost},
        "shared_with": sorted(other["case_id"] for other in case["shared_with"]),
        "dims": case["dims"],
    }


@pytest.fixture(scope="module")
def cases(flowtrail, truth):
    """Every case as the API tells it, by its number."""
    return {number: flowtrail.get(f"{FLOW}/cases/{number}") for number in truth}


def test_every_order_is_there_and_no_other(flowtrail, truth):
    [flow] = flowtrail.get("/flows")["flows"]
    assert flow["cases"] == len(truth)
    assert flow["in_flight"] == sum(not order["end"] for order in truth.values())


def test_every_case_is_what_happened(cases, truth):
    different = {}
    for number, order in truth.items():
        case = shown(cases[number])
        expected = told(order)
        differences = {key: (case[key], expected[key]) for key in expected if case[key] != expected[key]}
        if differences:
            different[number] = differences
    assert different == {}


def test_history_is_timed_exactly_and_live_orders_within_a_second(cases, truth, history):
    """A live system reads its clock once for its own book and once more in the SDK."""
    for number, order in truth.items():
        case = cases[number]
        tolerance = timedelta(0) if number in history else timedelta(seconds=1)
        for name in ("start", "end"):
            is_, was = moment(case[name]), moment(order[name])
            assert is_ == was or abs(is_ - was) <= tolerance, (number, name)


def test_what_stands_out_is_what_happened(cases, truth, history):
    """In the history to the microsecond; live systems read their clocks twice, so their times are left out."""
    kinds = set()
    for number, order in truth.items():
        case = cases[number]
        expected, found = _expected_facts(order), _shown_facts(case)
        if number not in history:
            expected, found = _without_times(expected), _without_times(found)
        assert found == expected, number
        kinds |= {one["state"] for one in case["exceptions"]} | {one["state"] for one in case["approvals"]}
        kinds |= {"duplicate"} if case["duplicates"] else set()
        kinds |= {name for name in ("repeats", "rejections", "corrections", "compensations") if case[name]}
    assert kinds >= {"recovered", "ended", "corrections", "compensations"}


def _expected_facts(order):
    counts = {name: order[name] for name in ("success", "repeats", "rejections", "corrections", "compensations")}
    names = ("step", "system", "class", "code", "state", "attempts", "opened", "closed")
    return counts | {
        "exceptions": sorted(tuple(one[name] for name in names) for one in order["exceptions"]),
        "approvals": [
            (one["step"], one["decision"], one["requested"], one["due"], one["decided"]) for one in order["approvals"]
        ],
        "duplicates": [
            (one["key"], one["step"], one["effects"], one["first"], one["last"]) for one in order["duplicates"]
        ],
    }


def _shown_facts(case):
    counts = {name: case[name] for name in ("success", "repeats", "rejections", "corrections", "compensations")}
    names = ("step", "system", "class", "code", "state", "attempts")
    return counts | {
        "exceptions": sorted(
            (*(one[name] for name in names), _stamp(one["opened_at"]), _stamp(one["closed_at"]))
            for one in case["exceptions"]
        ),
        "approvals": [
            (one["step"], one["decision"], *map(_stamp, (one["requested_at"], one["due_at"], one["decided_at"])))
            for one in case["approvals"]
        ],
        "duplicates": [
            (one["key"], one["step"], one["effects"], _stamp(one["first"]), _stamp(one["last"]))
            for one in case["duplicates"]
        ],
    }


def _stamp(text):
    """As the demo writes an instant."""
    return text and moment(text).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _without_times(facts):
    return {
        name: [one[:6] if name == "exceptions" else one[:2] if name == "approvals" else one[:3] for one in value]
        if isinstance(value, list)
        else value
        for name, value in facts.items()
    }


def test_trails_show_the_right_events_and_only_those(flowtrail, truth):
    """Among them all orders whose package is shared with another one."""
    shared = [number for number, order in truth.items() if order["shared_with"]]
    assert shared
    for number in (*shared, *list(truth)[:20]):
        events = [event for event in flowtrail.get(f"{FLOW}/cases/{number}/trail")["events"] if event["step"]]
        finished = [event for event in events if event["state"] == "finished"]
        assert sorted(map(_seen, finished)) == sorted(map(_done, truth[number]["steps"])), number


def _seen(event):
    others = sorted(event["shared"]["case_ids"]) if event["shared"] else []
    return (event["system"], event["step"], event["attempt"] or 1, event["failed"], others)


def _done(step):
    return (step["system"], step["step"], step["attempt"], bool(step["error"]), sorted(step["shared_with"]))


def test_any_identifier_finds_its_order(flowtrail, truth):
    number = order_with_ids_of_its_own(truth)
    for values in truth[number]["ids"].values():
        for value in values:
            assert [hit["case_id"] for hit in flowtrail.get("/search", q=value)["results"]] == [number], value


def points(flowtrail, kpi, **params):
    answer = flowtrail.get(f"{FLOW}/kpis/{kpi}", **{**WIDE, **params})
    return {tuple(sorted(point["group"].items())): point for point in answer["totals"]}, answer


def test_touchless_rate_by_outcome(flowtrail, truth):
    totals, _ = points(flowtrail, "touchless-rate")
    for outcome, expected in truth_kpis.touchless_by_outcome(truth).items():
        values = totals[(("outcome", outcome),)]["values"]
        assert (values["touchless_n"], values["touched_n"], values["unknown_n"]) == (
            expected.touchless,
            expected.touched,
            expected.unknown,
        )
        assert values["touchless_rate"] == float(expected.rate)


@pytest.mark.parametrize("tz", ["UTC", "Europe/Berlin", "Pacific/Auckland"])
def test_touchless_rate_by_week(flowtrail, truth, tz):
    first = min(datetime.fromisoformat(order["start"]) for order in truth.values())
    until = UNTIL + timedelta(weeks=1)
    window = {"interval": "week", "tz": tz, "from": first.date().isoformat(), "to": until.date().isoformat()}
    answer = flowtrail.get(f"{FLOW}/kpis/touchless-rate", **window)
    shown_weeks = Counter()
    for point in answer["points"]:  # one for each outcome
        shown_weeks[point["bucket_start"]] += point["n"]
    starts = truth_kpis.iso_week_starts(first, until, tz)
    for start, end in pairwise(starts[1:]):
        expected = len(truth_kpis.ended_between(truth, start, end))
        assert shown_weeks[start.strftime("%Y-%m-%dT%H:%M:%SZ")] == expected, (tz, start)


def test_errors_per_1000(flowtrail, truth):
    expected = truth_kpis.errors_per_1000(truth)
    totals, _ = points(flowtrail, "errors-per-1000")
    values = totals[()]["values"]
    assert values["cases_with_error_per_1000"] == float(expected.cases_with_error_per_1000)
    assert values["failed_attempts_per_1000"] == pytest.approx(float(expected.failed_attempts_per_1000), rel=1e-12)
    assert values["attempts"] == pytest.approx(float(expected.attempts), rel=1e-12)
    for name in ("business", "infrastructure"):
        assert values[f"cases_with_error_per_1000_{name}"] == float(expected.cases_by_class_per_1000[name])


def test_retries_and_their_cost_by_step(flowtrail, truth):
    totals, _ = points(flowtrail, "retries")
    expected = truth_kpis.retries(truth)
    by_step = {
        (dict(group)["step"], dict(group)["system"]): point["values"] for group, point in totals.items() if group
    }
    assert by_step.keys() == expected.keys()
    for key, row in expected.items():
        assert by_step[key]["retries"] == pytest.approx(float(row.retries), rel=1e-12), key
        assert by_step[key]["wasted_share"] == pytest.approx(float(row.wasted_share), rel=1e-12), key
        for currency, cost in row.cost.items():
            assert Fraction(by_step[key][f"retry_cost_{currency}"]) == cost, (key, currency)


@pytest.mark.parametrize("segment", [None, "channel", "segment"])
def test_time_to_fulfil_counts_those_still_under_way(flowtrail, history, segment):
    ends = max(order["start"] for order in history.values())
    until = (moment(ends) + timedelta(seconds=1)).isoformat()
    asked = {"to": until, "as_of": UNTIL.isoformat(), **({"group_by": segment} if segment else {})}
    totals, _ = points(flowtrail, "time-to-fulfil", **asked)
    groups = truth_kpis.by_dimension(history, segment) if segment else {None: history}
    for name, orders in groups.items():
        waits = truth_kpis.durations(orders, UNTIL)
        values = totals[((segment, name),) if segment else ()]["values"]
        for measure, quantile in (("km_median_s", Fraction(1, 2)), ("km_p90_s", Fraction(9, 10))):
            exact = truth_kpis.kaplan_meier_quantile(waits, quantile)
            assert values[measure] == (None if exact is None else float(exact)), (name, measure)
