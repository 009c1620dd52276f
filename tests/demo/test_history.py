import json
from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from demo.history import make_history
from demo.simulation import HistoryError

from .conftest import UNTIL, made_history


def test_the_same_seed_makes_the_same_history_down_to_the_span_ids(history, tmp_path):
    again = made_history(tmp_path)
    assert again.truth_text == history.truth_text
    assert again.spans == history.spans


def test_another_seed_makes_another_history(history, tmp_path):
    other = made_history(tmp_path, orders=20, seed=8)
    assert not {span.span_id for span in other.spans} & {span.span_id for span in history.spans}


def test_it_runs_from_the_monday_some_weeks_ago_up_to_now(history):
    assert history.summary.start == datetime(2026, 3, 2, tzinfo=UTC)
    assert history.summary.until == UNTIL
    until_ns = int(UNTIL.timestamp()) * 10**9
    assert min(span.start_ns for span in history.spans) >= int(history.summary.start.timestamp()) * 10**9
    assert max(span.end_ns for span in history.spans) <= until_ns


def test_every_order_is_accounted_for_and_some_are_still_in_flight(history):
    summary = history.summary
    assert summary.orders == 60
    assert summary.in_flight > 0
    assert sum(summary.outcomes.values()) + summary.in_flight == 60
    assert summary.spans == len(history.spans)


def test_there_is_something_of_everything(rich_history):
    truth = json.loads(rich_history.truth_text)["orders"].values()
    steps = [step for account in truth for step in account["steps"]]
    assert {step["error"]["type"] for step in steps if step["error"]} == {
        "address-not-found",
        "bank-timeout",
        "deadlock",
        "erp-unavailable",
        "insufficient-credit",
        "out-of-stock",
        "payment-declined",
        "rate-limited",
        "recipient-absent",
        "recipient-refused",
        "timeout",
    }
    assert {step["actor"]["type"] for step in steps} == {"service", "human", "service_for_human", "external", "unknown"}
    assert {step["compensates"] for step in steps} >= {"reserve-stock", "create-sales-document", "collect-payment"}
    assert {step["action"] for step in steps} >= {"create", "edit", "approve", "reject", "retry", "release", "submit"}
    assert "answer-repeated-request" in {step["step"] for step in steps}
    assert {account["value"]["currency"] for account in truth} == {"EUR", "CHF"}
    assert any(account["open"] for account in truth)
    assert any(len(account["shared_with"]) > 1 for account in truth)


def test_something_of_everything_stands_out(rich_history):
    truth = json.loads(rich_history.truth_text)["orders"].values()
    assert {one["state"] for account in truth for one in account["exceptions"]} == {"open", "recovered", "ended"}
    approvals = [one for account in truth for one in account["approvals"]]
    assert any(one["decided"] and one["decided"] > one["due"] for one in approvals)
    assert any(one["decided"] is None for one in approvals)
    assert {one["decision"] for one in approvals} == {"approved", "rejected", None}
    for name in ("duplicates", "repeats", "rejections", "corrections", "compensations"):
        assert any(account[name] for account in truth), name
        assert not all(account[name] for account in truth), name


def test_the_carrier_fails_most_during_its_outage(rich_history):
    begin, end = (int(at.timestamp() * 1e9) for at in rich_history.summary.outage)
    bookings = [span for span in rich_history.spans if span.name == "book-carrier" and span.finished]
    during = [span.failed for span in bookings if begin <= span.start_ns < end]
    otherwise = [span.failed for span in bookings if not begin <= span.start_ns < end]
    assert sum(during) / len(during) > 4 * sum(otherwise) / len(otherwise)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"until": datetime(2026, 3, 1)}, "time zone"),  # noqa: DTZ001 - that is the mistake
        ({"orders": 0}, "at least 1 order"),
        ({"weeks": 0}, "at least 1 week"),
    ],
)
def test_bad_arguments_are_refused_with_a_reason(change, says):
    with pytest.raises(ValueError, match=says):
        make_history(**{"endpoint": "nowhere", "until": UNTIL, "orders": 1, **change})


def test_a_history_that_is_not_delivered_whole_says_so():
    class Refusing(SpanExporter):
        def export(self, spans):
            return SpanExportResult.FAILURE

    with pytest.raises(HistoryError, match="collector"):
        make_history("nowhere", UNTIL, weeks=1, orders=5, exporter=lambda _: Refusing())


def test_a_history_goes_to_a_collector_over_http(sink, tmp_path):
    summary = make_history(sink.endpoint, UNTIL, weeks=1, orders=60, truth_path=tmp_path / "truth.json")
    assert len(sink.spans) == summary.spans
    assert {span.system for span in sink.spans} == {"shop", "erp", "wms", "carrier", "billing"}
