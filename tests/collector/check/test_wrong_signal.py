from __future__ import annotations

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from collector.check.request import check
from collector.check.rules import CheckRules
from collector.errors import Refusal
from collector.settings import CollectorSettings
from collector.signals import SHAPES
from store.intake import Signal
from tests.collector import export

RULES = CheckRules.of(CollectorSettings())
NOW = export.NS


@pytest.mark.parametrize("sent", Signal)
@pytest.mark.parametrize("to", Signal)
def test_a_request_at_the_wrong_address_is_told_the_right_one(sent, to):
    if sent is to:
        return
    with pytest.raises(Refusal) as refused:
        check(export.request(sent, 3), to, RULES, NOW)
    assert (refused.value.code, f"send it to {SHAPES[sent].path}" in refused.value.hint) == ("invalid_data", True)


def test_logs_without_ids_decode_as_spans_and_are_recognised():
    message = ExportLogsServiceRequest()
    message.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=NOW).body.string_value = "hello"
    with pytest.raises(Refusal, match="trace_id is missing") as refused:
        check(message.SerializeToString(), Signal.TRACES, RULES, NOW)
    assert "/v1/logs" in refused.value.hint


@pytest.mark.parametrize("body", [b"\xff\xff", b"\x0a\x04\x12\x02\x12\x00"])
def test_what_makes_sense_nowhere_gets_no_such_hint(body):
    with pytest.raises(Refusal) as refused:
        check(body, Signal.TRACES, RULES, NOW)
    assert "looks like" not in refused.value.hint
