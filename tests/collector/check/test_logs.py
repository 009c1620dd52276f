from __future__ import annotations

import pytest

from collector.check.request import check
from collector.check.rules import SECOND_NS, CheckRules
from collector.settings import CollectorSettings
from collector.signals import SHAPES, items
from store.intake import Signal
from tests.collector import export

NOW = 1_760_000_100 * SECOND_NS
RULES = CheckRules.of(CollectorSettings())
SHAPE = SHAPES[Signal.LOGS]


def checked(**fields):
    """Three records, the middle one with these fields, checked."""
    message = SHAPE.request.FromString(export.request(Signal.LOGS, 3))
    record = list(items(SHAPE, message))[1]
    for name, value in fields.items():
        setattr(record, name, value)
    return check(message.SerializeToString(), Signal.LOGS, RULES, NOW)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"trace_id": b"\1" * 8}, "trace_id does not have 16 bytes"),
        ({"span_id": b"\1" * 16}, "span_id does not have 8 bytes"),
        ({"time_unix_nano": 1_760_000_000}, "time_unix_nano is too old"),
        ({"time_unix_nano": 2**64 - 1}, "time_unix_nano is too far in the future"),
        ({"observed_time_unix_nano": NOW + 90_000 * SECOND_NS}, "observed_time_unix_nano is too far in the future"),
    ],
)
def test_a_record_with_a_broken_id_or_time_is_rejected_alone(fields, reason):
    result = checked(**fields)
    assert (result.items, result.rejected_items, result.message) == (2, 1, f"1 log record(s): {reason}")
    bodies = [[record.body.string_value for record in items(SHAPE, SHAPE.request.FromString(part))] for part in
              (result.request, result.rejected_request)]  # fmt: skip
    assert bodies == [["picked 0", "picked 2"], ["picked 1"]]


@pytest.mark.parametrize(
    "fields",
    [
        {"trace_id": b"", "span_id": b""},
        {"trace_id": bytes(16), "span_id": bytes(8)},
        {"time_unix_nano": 0},
        {"time_unix_nano": 0, "observed_time_unix_nano": NOW},
    ],
)
def test_a_record_needs_neither_ids_nor_a_time(fields):
    assert checked(**fields).rejected_items == 0


def test_a_record_of_nothing_is_rejected():
    body = export.request(Signal.LOGS, 1)
    message = SHAPE.request.FromString(body)
    message.resource_logs[0].scope_logs[0].log_records.add(severity_text="1")
    result = check(message.SerializeToString(), Signal.LOGS, RULES, NOW)
    assert result.message == "1 log record(s): time, body and attributes are all missing"


def test_a_clean_request_stays_the_bytes_it_was():
    body = export.request(Signal.LOGS, 3) + b"\xba\x3e\x03new"
    assert check(body, Signal.LOGS, RULES, NOW).request == body
