"""One event: every field, and the message for each fault."""

from __future__ import annotations

import pytest

from collector.check.rules import TimeWindow
from collector.events.body import read_raw_events
from collector.events.intake import read_events
from tests.collector.events.reading import FULL, NOW_NS, SMALL, attributes, faults, read, spans

UNMATCHED = {"state": "started", "id": ..., "time": 1_760_000_000}


def test_the_smallest_event_is_a_step_now():
    reading = read(SMALL)
    [(system, span)] = spans(reading)
    assert system == "returns-sheet"
    assert (span.name, span.start_time_unix_nano, span.end_time_unix_nano) == ("approve", NOW_NS, NOW_NS)
    assert attributes(span) == {
        "flow.name": "order-to-cash",
        "flow.step": "approve",
        "flow.case.id": "SO-1",
        "flow.event.id": "1",
    }
    assert (span.status.code, len(span.trace_id), len(span.span_id), span.parent_span_id) == (0, 16, 8, b"")


def test_every_field_reaches_the_span():
    [(_, span)] = spans(read(FULL))
    assert attributes(span) == {
        "flow.name": "order-to-cash",
        "flow.version": "3",
        "flow.case.id": "SO-1",
        "flow.correlation_id": "c-1",
        "flow.step": "approve",
        "flow.step.kind": "approval",
        "flow.attempt": 2,
        "flow.idempotency_key": "SO-1/approve",
        "flow.event.id": "1",
        "flow.action": "approve",
        "flow.case.outcome": "completed",
        "flow.compensates": "reserve-stock",
        "flow.actor.type": "human",
        "flow.actor.id": "dana",
        "flow.error.class": "business",
        "error.type": "no-stock",
        "flow.data.reads": ["orders@3#total"],
        "flow.data.writes": ["ledger@1#amount"],
        "flow.cost.amount": "0.02",
        "flow.cost.currency": "EUR",
        "flow.value.amount": "123456789012.123456",
        "flow.value.currency": "EUR",
        "flow.approval.timeout_s": 86400.0,
        "flow.approval.decided_by": "dana",
        "flow.ref.package": ["P-1", "P-2"],
        "flow.ref.item": "7",
        "flow.link.item.package": ["7", "P-1", "7", "P-2"],
        "flow.dim.channel": "web",
        "flow.dim.floor": "3",
        "flow.dim.express": "true",
        "shelf": "A",
        "weight": 1.5,
        "pieces": 3,
        "fragile": False,
        "codes": ["a", 1],
    }
    assert (span.status.code, span.status.message) == (2, "There is none left.")
    assert span.start_time_unix_nano == 1_772_370_300_250_000_000
    assert span.end_time_unix_nano - span.start_time_unix_nano == 2_500_000_000
    assert span.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert span.parent_span_id.hex() == "b7ad6b7169203331"


def test_empty_cells_of_a_spreadsheet_count_as_absent():
    empty = {"outcome": "", "refs": {"package": ""}, "actor": None, "error": {"class": "", "code": None}, "time": ""}
    [(_, span)] = spans(read({**SMALL, **empty, "error": None}))
    assert set(attributes(span)) == {"flow.name", "flow.step", "flow.case.id", "flow.event.id"}
    assert faults(step="")["step"].message == "step is missing."


def test_ids_are_text_without_spaces_around_them():
    [(_, span)] = spans(read({**SMALL, "case": " SO-1 ", "refs": {"item": [7, " 7", 7.0, "8"]}}))
    assert attributes(span)["flow.case.id"] == "SO-1"
    assert attributes(span)["flow.ref.item"] == ["7", "8"]


def test_good_events_are_taken_beside_bad_ones():
    reading = read(SMALL, {**SMALL, "id": "2", "tme": 1}, 7, {**SMALL, "id": "3"})
    assert [(event.index, event.id) for event in reading.accepted] == [(0, "1"), (3, "3")]
    assert [(event.index, event.id) for event in reading.rejected] == [(1, "2"), (2, None)]
    assert len(spans(reading)) == 2


def test_one_resource_for_each_system():
    reading = read(SMALL, {**SMALL, "system": "crm"}, {**SMALL, "id": "2"})
    assert [system for system, _ in spans(reading)] == ["returns-sheet", "returns-sheet", "crm"]


def test_all_faults_of_an_event_are_reported_at_once():
    by_field = faults(flow=..., kind="tsk", attempt=0, cost={"amount": "x", "currency": "EURO"}, tracer=1)
    assert set(by_field) == {"flow", "kind", "attempt", "cost.amount", "cost.currency", "tracer"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [("traceId", "trace_id"), ("timestamp", "time"), ("Case", "case"), ("outcom", "outcome"), ("order_id", "case")],
)
def test_a_field_that_does_not_exist_is_an_error_with_a_guess(name, meant):
    assert faults(**{name: "x"})[name].hint == f"Did you mean {meant}?"


def test_a_field_that_looks_like_none_belongs_into_attributes():
    assert "attributes" in faults(qqqqqq=1)["qqqqqq"].hint
    assert "attributes" in faults(actor={"type": "human", "shoe": 44})["actor.shoe"].hint


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"case": ["a"]}, "case", '["a"] is no id.'),
        ({"case": True}, "case", "true is no id."),
        ({"case": "x" * 257}, "case", "The text has 257 characters; the limit is 256."),
        ({"step": " "}, "step", '" " is no id.'),
        ({"action": 5}, "action", "5 is not text."),
        ({"action": "x" * 9000}, "action", "The text has 9,000 characters; the limit is 8,192."),
        ({"action": "\ud800"}, "", "The event holds half a character (a lone surrogate)."),
        ({"refs": {"\ud800": 1}}, "", "The event holds half a character (a lone surrogate)."),
        ({"actor": "dana"}, "actor", "actor must be an object."),
        ({"actor": {"id": "dana"}}, "actor.type", "actor.type is missing."),
        ({"refs": ["P-1"]}, "refs", '["P-1"] is not an object.'),
        ({"refs": {"Package": "P-1"}}, "refs", '"Package" cannot be a type of id.'),
        ({"refs": {"package": [1.5]}}, "refs", "1.5 is no id."),
        ({"refs": {"package": list(range(1001))}}, "refs", "An event may carry at most 1,000 ids."),
        ({"dims": {"a": {"b": 1}}}, "dims", '{"b": 1} is not text.'),
        ({"attributes": {"flow.step": "x"}}, "attributes", '"flow.step" cannot be an attribute.'),
        ({"attributes": {"a": {"b": 1}}}, "attributes", '"a" holds a list or an object.'),
        ({"attributes": {"a": [[1]]}}, "attributes", '"a" holds a list or an object.'),
        ({"attributes": {str(n): 1 for n in range(129)}}, "attributes", "There are 129 names; the limit is 128."),
        ({"attempt": 1.5}, "attempt", "1.5 is no attempt."),
        ({"duration_s": -1}, "duration_s", "-1 seconds cannot be a duration."),
        (
            {"cost": {"amount": "1.2345678", "currency": "EUR"}},
            "cost.amount",
            "1.2345678 has more than six decimal places.",
        ),
        ({"cost": {"amount": 1e12, "currency": "EUR"}}, "cost.amount", "The amount is too large."),
        ({"cost": {"amount": 1}}, "cost.currency", "cost.currency is missing."),
        ({"error": {"class": "fatal"}}, "error.class", '"fatal" is no class of error.'),
        ({"trace_id": "0" * 32}, "trace_id", f'"{"0" * 32}" is no id of 32 hexadecimal digits.'),
        ({"status": "ok", "error": {"code": "x"}}, "status", "status is ok, but there is an error."),
        ({"span_id": "b7ad6b7169203331"}, "span_id", "A span_id means nothing without its trace_id."),
        (
            {"parent_span_id": "b7ad6b7169203331"},
            "parent_span_id",
            "A parent_span_id means nothing without its trace_id.",
        ),
        ({"case": ...}, "case", "The event has no case, no other id and no trace, so nobody could find it."),
        ({"id": ...}, "id", "Without an id or a time, a repeat could not be told from a second event."),
        ({"end": 1_760_000_000}, "time", "The event has an end but no time."),
        (
            {"time": 1_760_000_000, "end": 1_760_000_000, "duration_s": 1},
            "duration_s",
            "The event has both an end and a duration.",
        ),
        ({"time": 1_760_000_001, "end": 1_760_000_000}, "end", "The event ends before it starts."),
        ({"state": "started", "outcome": "x"}, "outcome", "A started event has no outcome."),
        (
            {"state": "started", "id": ..., "time": 1_760_000_000},
            "id",
            "A started event needs an id, so that its end can be matched to it.",
        ),
    ],
)  # fmt: skip
def test_each_fault_has_a_message_and_a_hint(changes, field, message):
    by_field = faults(**changes)
    assert by_field[field].message == message
    assert by_field[field].hint


def test_times_that_the_check_would_reject_are_faults_of_the_event():
    window = TimeWindow(earliest=NOW_NS - 10**9, latest=NOW_NS + 10**9)
    reading = read({**SMALL, "time": NOW_NS / 1e9 - 5}, {**SMALL, "time": NOW_NS / 1e9, "duration_s": 5}, window=window)
    messages = [(event.faults[0].field, event.faults[0].message) for event in reading.rejected]
    assert messages == [("time", "Time is too old."), ("duration_s", "Duration_s is too far in the future.")]


def test_money_never_passes_through_a_binary_fraction():
    money = b'"value": {"amount": 999999999999.999999, "currency": "EUR"}'
    event = b'{"flow": "f", "system": "s", "step": "x", "case": "c", "id": 1, ' + money + b"}"
    [(_, span)] = spans(read_events(read_raw_events(event, "", 0), "default", NOW_NS, TimeWindow()))
    assert attributes(span)["flow.value.amount"] == "999999999999.999999"
