"""Every KPI of the demo against pandas over its exported events: each value of each point, exactly; and every case."""

import json
import subprocess
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import httpx
import pandas as pd
import pytest

from tests.e2e import kpi_truth, spans
from tests.e2e.exported import exported_cases
from tests.e2e.kpi_truth import open_at
from tests.e2e.running import FLOWS, FLOWTRAIL, UNTIL
from tests.e2e.spans import Span

FLOW = "order-to-cash"
TARGET = Fraction(7, 10)
FIGURES = {
    "touchless-rate": kpi_truth.touchless_rate,
    "automated-events": kpi_truth.automated_events,
    "errors-per-1000": kpi_truth.errors_per_1000,
    "retries": kpi_truth.retries,
    "first-time-right": kpi_truth.first_time_right,
    "rework-rate": kpi_truth.rework_rate,
    "exceptions": kpi_truth.exceptions,
    "value-at-risk": kpi_truth.value_at_risk,
    "escalations": kpi_truth.escalations,
    "sla-attainment": kpi_truth.sla_attainment,
    "duplicate-effects": kpi_truth.duplicate_effects,
}
# Beside these stand all cases in flight, whatever their outcome will be.
OF_ENDED = {"touchless-rate", "first-time-right", "rework-rate", "sla-attainment", "onboarding"}
# The demo declares no routing; what this KPI counts then is looked at below.
ELSEWHERE = {"manual-to-automated"}
# As of now, when the live orders have ended; as of the end of the history; and 12 days earlier, when cases that have
# ended since were in flight.
QUESTIONS = [
    {"tz": "UTC", "interval": "none", "group_by": "segment", "as_of": None},
    {"tz": "Pacific/Auckland", "interval": "week", "group_by": "channel", "as_of": UNTIL},
    {"tz": "America/New_York", "interval": "month", "group_by": "outcome", "as_of": UNTIL - timedelta(days=12)},
]


@pytest.fixture(scope="module")
def cases(flowtrail):
    """What each case comes to, by its id."""
    return exported_cases(flowtrail, FLOW, FLOWS / f"{FLOW}.yaml")


def test_the_export_tells_of_every_case(flowtrail, cases):
    [flow] = [one for one in flowtrail.get("/flows")["flows"] if one["name"] == FLOW]
    assert flow["cases"] == len(cases)
    assert flow["in_flight"] == sum(case["End"] is None for case in cases.values())


def verified(flowtrail, *words):
    """``flowtrail cases verify`` of the server that runs."""
    command = [FLOWTRAIL, "cases", "verify", "--url", flowtrail.otlp, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_recomputes_every_case_while_the_server_runs(flowtrail, cases):
    done = verified(flowtrail, "--all", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert (found["cases"], found["differing"], found["changing"]) == (len(cases), 0, 0)
    elsewhere = verified(flowtrail, "--flow", "nowhere")
    assert (elsewhere.returncode, "has no case" in elsewhere.stderr) == (1, True)


BAD_BODIES = [{"samples": 1}, {"sample": 0}, {"sample": True}, {"flow": 1}, {"same_sql": True, "flow": "f"}, []]


@pytest.mark.parametrize("body", BAD_BODIES, ids=str)
def test_what_cannot_be_verified_is_refused_with_a_hint(flowtrail, body):
    answer = httpx.post(f"{flowtrail.otlp}/v1/verifications", json=body)
    assert answer.status_code == 400
    assert len(answer.json()["message"]) > 20


@pytest.mark.parametrize(
    "question", QUESTIONS, ids=lambda one: f"{one['tz']} {one['interval']} {one.get('group_by', '')}"
)
def test_every_kpi_is_what_the_events_say(flowtrail, cases, question):
    tz, interval, group_by = question["tz"], question["interval"], question["group_by"]
    as_of = question["as_of"] or datetime.now(UTC)
    first, last = (UNTIL - timedelta(weeks=9)).date(), as_of.date() + timedelta(days=2)
    words = {"from": first, "to": last, "tz": tz, "interval": interval, "as_of": as_of.strftime("%Y-%m-%dT%H:%M:%SZ")}
    answers = flowtrail.get(f"/flows/{FLOW}/kpis", **words, **({"group_by": group_by} if group_by else {}))["kpis"]
    told = Asked(list(cases.values()), tz, int(as_of.timestamp()) * 10**9)
    known = spans.buckets(first, last, tz, interval)
    window = known[0][0], known[-1][1]
    assert {answer["kpi"] for answer in answers} == {*told.figures, *ELSEWHERE}
    for answer in (one for one in answers if one["kpi"] in told.figures):
        for total in answer["totals"]:
            assert told.differences(answer, total, window) == {}, (answer["kpi"], total["group"])
        assert [point for point in answer["points"] if bounds_of(point) not in known] == []
        assert {bounds_of(point) for point in answer["points"]} in ({*known}, set())
        for point in answer["points"]:
            assert told.differences(answer, point, bounds_of(point)) == {}, (
                answer["kpi"],
                point["bucket"],
                point["group"],
            )


def test_without_routing_nothing_is_told_of_it(flowtrail):
    answer = flowtrail.get(
        f"/flows/{FLOW}/kpis/manual-to-automated", **{"from": "2020-01-01", "to": "2099-01-01", "interval": "none"}
    )
    assert set(answer["totals"][0]["values"].values()) == {None}
    assert any("routing" in note for note in answer["notes"])


class Asked:
    """The truth as of one instant, in one zone."""

    def __init__(self, cases, tz, as_of):
        self._cases, self._as_of = cases, as_of
        began = min(case["Start"] for case in cases)
        hours = spans.business_clock("UTC", (7, 17), began, as_of)
        self.figures = FIGURES | {
            "time-to-fulfil": kpi_truth.time_to_fulfil(hours),
            "onboarding": kpi_truth.onboarding(TARGET, tz),
        }

    def differences(self, answer, point, span):
        """What of a point is not what the events say, as {name: (told, true)}."""
        span = Span(*span, self._as_of)
        alike = [case for case in self._cases if case["Start"] < span.as_of and _fits(case, point["group"])]
        mine = [case for case in alike if point["group"].get("outcome", case["Outcome"]) == case["Outcome"]]
        n, in_flight, values, bounds = self.figures[answer["kpi"]](mine, span, point["group"])
        if answer["kpi"] in OF_ENDED:
            in_flight = open_at(alike, span.close)
        told = {"n": point["n"], "in_flight_n": point["in_flight_n"], **point["values"]}
        told |= {f"{name} so far": bound["at_least"] for name, bound in point["bounds"].items()}
        true = {
            "n": n,
            "in_flight_n": in_flight,
            **values,
            **{f"{name} so far": bound for name, bound in bounds.items()},
        }
        pairs = {name: (_plain(name, told.get(name, 0)), true.get(name, 0)) for name in {*told, *true}}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _fits(case, group):
    """Whether it is in a group of a dimension; what is grouped by otherwise is no matter of the whole case."""
    others = {"outcome", "step", "system", "class", "code"}
    return all(case["Dims"].get(name, "") == value for name, value in group.items() if name not in others)


def _plain(name, value):
    """Money and instants, which are texts, as numbers."""
    if name == "first_event" and value:
        return pd.Timestamp(value).value
    return Fraction(value) if isinstance(value, str) and name.rpartition("_")[2].isupper() else value


def bounds_of(point):
    return tuple(pd.Timestamp(point[name]).value for name in ("bucket_start", "bucket_end"))


def test_the_weeks_of_the_truth_are_those_of_the_wall_clock():
    """In the week in which Europe's clocks go back there are 169 hours."""
    weeks = spans.buckets(date(2026, 10, 19), date(2026, 11, 2), "Europe/Berlin", "week")
    assert [(end - start) // (3600 * 10**9) for start, end in weeks] == [169, 168]
