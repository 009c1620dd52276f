"""The demo's history at twelve instants: whenever it ends, its cases are what its systems wrote down themselves.

In one process, with the embedded engine: the requests of each history are inserted and folded, and the API is asked.
"""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from cases.flows.declarations import declare, read_declaration
from cases.fold.fold import Fold
from demo.history import FIRST_NUMBER, make_history
from demo.truth import kpis as truth_kpis
from query_api.app import create_app
from store.client import open_store
from store.intake import Envelope, insert_envelopes
from tests.e2e import spans
from tests.e2e.running import FLOWS
from tests.e2e.test_demo_truth import FLOW, _expected_facts, _shown_facts, moment, shown, told
from tests.query_api.conftest import serving

ORDERS, WEEKS, SEED = 40, 2, 3
BERLIN, NEW_YORK, AUCKLAND = "Europe/Berlin", "America/New_York", "Pacific/Auckland"


def _clocks_change(tz):
    """Whether the clocks of ``tz`` change in the two days before an instant, or at it."""
    zone = ZoneInfo(tz)

    def change(at):
        before, after = at - timedelta(days=2), at + timedelta(seconds=1)
        return before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()

    return change


def _last_second_of(month):
    return lambda at: at.month == month and (at + timedelta(seconds=1)).day == 1


# Name → (when the history ends, what is special about it). All lie in the past, so that the clock changes are facts.
# The histories do not overlap: they share one store, where the figures of a day must be those of one history.
INSTANTS = {
    "a leap day": ("2024-02-29T12:00:00Z", lambda at: (at.month, at.day) == (2, 29)),
    "Auckland, after a day of 25 hours": ("2024-04-08T02:00:00Z", _clocks_change(AUCKLAND)),
    "Auckland, as clocks go forward": ("2024-09-28T14:00:00Z", _clocks_change(AUCKLAND)),
    "New York, after a day of 25 hours": ("2024-11-04T18:00:00Z", _clocks_change(NEW_YORK)),
    "1 January": ("2025-01-01T00:00:00Z", lambda at: (at.month, at.day) == (1, 1)),
    "New York, as clocks go forward": ("2025-03-09T07:00:00Z", _clocks_change(NEW_YORK)),
    "the end of a month of 30 days": ("2025-04-30T23:59:59Z", _last_second_of(4)),
    "the first instant of a Monday": (
        "2025-06-02T00:00:00Z",
        lambda at: (at.weekday(), at.hour, at.minute) == (0, 0, 0),
    ),
    "the end of a month of 31 days": ("2025-07-31T23:59:59Z", _last_second_of(7)),
    "the last second of a Sunday": ("2025-09-14T23:59:59Z", lambda at: (at.weekday(), f"{at:%T}") == (6, "23:59:59")),
    "Berlin, after a day of 25 hours": ("2025-10-27T13:00:00Z", _clocks_change(BERLIN)),
    "Berlin, as clocks go forward": ("2026-03-29T01:00:00Z", _clocks_change(BERLIN)),
}

pytestmark = pytest.mark.slow


class Requests(SpanExporter):
    """Keeps what a system sends, as OTLP requests in protobuf."""

    def __init__(self):
        self.bodies = []

    def export(self, batch):
        self.bodies.append(encode_spans(batch).SerializeToString())
        return SpanExportResult.SUCCESS


@pytest.fixture(scope="module")
def store(chdb_directory):
    with chdb_directory.migrated() as url:
        store = open_store(url)
        declare(store, "default", [read_declaration(FLOWS / "order-to-cash.yaml")])
        yield store
        store.close()


@pytest.fixture(scope="module")
def truths(store, tmp_path_factory):
    """What happened up to each instant, by the name of the instant; all of it is in the store and folded."""
    folder = tmp_path_factory.mktemp("truths")
    made = {
        name: _history(store, moment(instant), FIRST_NUMBER * place, folder / f"{place}.json")
        for place, (name, (instant, _)) in enumerate(INSTANTS.items(), 1)
    }
    Fold(store).fold_pending()
    return made


def _history(store, until, series, path):
    systems = {}
    make_history(
        "in memory",
        until,
        weeks=WEEKS,
        orders=ORDERS,
        seed=SEED,
        truth_path=path,
        series=series,
        exporter=lambda system: systems.setdefault(system, Requests()),
    )
    received = int(until.timestamp()) * 10**9
    envelopes = [Envelope("default", received, body) for system in systems.values() for body in system.bodies]
    insert_envelopes(store, envelopes, f"until {until}")
    return json.loads(path.read_text())


@pytest.fixture(params=INSTANTS)
def truth(request, truths):
    """The truth of one history."""
    return truths[request.param]


@pytest.fixture
def ask(store, truth):
    """Asks the API as of the end of the history."""
    with serving(create_app(store, clock=lambda: moment(truth["about"]["until"]))) as client:

        def answer(path, **params):
            response = client.get(f"/api/v1{path}", params=params)
            assert response.status_code == 200, response.text
            return response.json()

        yield answer


def test_the_instants_are_what_they_are_called_and_lie_apart():
    instants = [moment(instant) for instant, _ in INSTANTS.values()]
    assert [name for name, (instant, special) in INSTANTS.items() if not special(moment(instant))] == []
    # The current week, and two days around for those whose day is another one than in UTC.
    assert all(later - earlier > timedelta(weeks=WEEKS + 1, days=2) for earlier, later in pairwise(instants))


def test_the_histories_hold_what_depends_on_the_day(truths):
    """Otherwise comparing them says little; another SEED may help."""
    orders = [
        (order, moment(truth["about"]["until"])) for truth in truths.values() for order in truth["orders"].values()
    ]
    late = [one for order, _ in orders for one in order["approvals"] if one["decided"] and one["decided"] > one["due"]]
    assert late, "No approval was decided late."
    assert any(order["open"] for order, _ in orders), "No order waits for a person."
    assert any(_overdue(order, until) for order, until in orders), "No approval is overdue."
    assert any(order["shared_with"] for order, _ in orders), "No orders share a package."
    assert any(order["duplicates"] for order, _ in orders), "No effect was doubled."
    assert {one["state"] for order, _ in orders for one in order["exceptions"]} == {"open", "recovered", "ended"}


def test_every_case_and_every_day_is_what_happened(ask, truth):
    different = {}
    until = moment(truth["about"]["until"])
    for number, order in truth["orders"].items():
        case, expected = _seen(ask(f"{FLOW}/cases/{number}")), _happened(order, until)
        if case != expected:
            different[number] = {key: (case[key], expected[key]) for key in expected if case[key] != expected[key]}
    assert different == {}
    for tz in (BERLIN, NEW_YORK, AUCKLAND):
        assert _ended_by_day(ask, truth["about"], tz) == _truly_ended_by_day(truth, tz), tz


def _seen(case):
    return {
        **shown(case),
        **_shown_facts(case),
        "start": moment(case["start"]),
        "end": moment(case["end"]),
        "overdue": sum(one["state"] == "overdue" for one in case["approvals"]),
        "value": (Fraction(case["value"]["amount"]), case["value"]["currency"]),
        "waits for": _holder(case["now"]) if case["now"]["state"] == "in_progress" else None,
    }


def _holder(now):
    return now["step"], now["holder"]["id"], moment(now["since"])


def _happened(order, until):
    waiting = [(one["step"], one["holder"]["id"], moment(one["since"])) for one in order["open"]]
    return {
        **told(order),
        **_expected_facts(order),
        "start": moment(order["start"]),
        "end": moment(order["end"]),
        "overdue": _overdue(order, until),
        "value": (Fraction(order["value"]["amount"]), order["value"]["currency"]),
        "waits for": waiting[-1] if waiting and not order["end"] else None,
    }


def _overdue(order, until):
    return sum(one["decided"] is None and moment(one["due"]) < until for one in order["approvals"])


def _window(about, tz):
    """The local days that the history touches, with a day before and after: [first, last)."""
    first, until = (moment(about[name]).astimezone(ZoneInfo(tz)).date() for name in ("from", "until"))
    return first - timedelta(days=1), until + timedelta(days=2)


def _ended_by_day(ask, about, tz):
    first, last = _window(about, tz)
    answer = ask(f"{FLOW}/kpis/touchless-rate", tz=tz, interval="day", **{"from": first, "to": last})
    counts = {}
    for point in answer["points"]:  # one for each outcome
        counts[point["bucket_start"]] = counts.get(point["bucket_start"], 0) + point["n"]
    return counts


def _truly_ended_by_day(truth, tz):
    days = {}
    for edges in spans.buckets(*_window(truth["about"], tz), tz, "day"):
        start, end = (datetime.fromtimestamp(edge // spans.SECOND, UTC) for edge in edges)
        days[start.strftime("%Y-%m-%dT%H:%M:%SZ")] = len(truth_kpis.ended_between(truth["orders"], start, end))
    return days
