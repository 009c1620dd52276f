from __future__ import annotations

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.check.request import check
from collector.errors import Refusal
from collector.signals import count_items, split_request
from store.intake import Signal
from tests.collector.spans import request, span_ids, spoilt


def test_a_good_request_passes_byte_for_byte():
    body = request(3)
    checked = check(body)
    assert (checked.request, checked.items, checked.rejected_items, checked.reason) == (body, 3, 0, "")


def test_unknown_fields_survive_the_split_into_good_and_bad_spans():
    unknown = b"\xba\x3e\x03new"  # field 999, length 3
    checked = check(spoilt(2, span_id=b"") + unknown)
    assert checked.request.endswith(unknown)


@pytest.mark.parametrize(
    ("ids", "reason"),
    [
        ({"trace_id": b""}, "trace_id is missing"),
        ({"trace_id": b"\1" * 15}, "trace_id does not have 16 bytes"),
        ({"trace_id": bytes(16)}, "trace_id is all zero"),
        ({"span_id": b""}, "span_id is missing"),
        ({"span_id": b"\1" * 16}, "span_id does not have 8 bytes"),
        ({"span_id": bytes(8)}, "span_id is all zero"),
    ],
)
def test_a_span_with_unusable_ids_is_rejected_alone(ids, reason):
    body = spoilt(2, **ids)
    checked = check(body)
    assert (checked.items, checked.rejected_items, checked.reason) == (2, 1, f"1 span(s): {reason}")
    good, bad = span_ids(checked.request), span_ids(checked.rejected_request)
    assert [good[0], bad[0], good[1]] == span_ids(body)
    assert ExportTraceServiceRequest.FromString(checked.rejected_request).resource_spans[0].resource.attributes


def test_logs_sent_to_the_traces_address_are_refused():
    message = ExportLogsServiceRequest()
    message.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=1)
    with pytest.raises(Refusal) as refused:
        check(message.SerializeToString())
    assert refused.value.code == "invalid_data"


@pytest.mark.parametrize("body", [b"\xff", b"not protobuf", request(2)[:-3]])
def test_what_is_no_request_is_refused(body):
    with pytest.raises(Refusal, match="not an ExportTraceServiceRequest") as refused:
        check(body)
    assert refused.value.code == "invalid_data"


def test_a_request_is_split_down_to_single_spans_and_nothing_is_lost():
    body = request(5)
    parts = [body]
    while divided := [half for part in parts for half in (split_request(Signal.TRACES, part) or [part])]:
        if divided == parts:
            break
        parts = divided
    assert [count_items(Signal.TRACES, part) for part in parts] == [1] * 5
    assert [span for part in parts for span in span_ids(part)] == span_ids(body)
