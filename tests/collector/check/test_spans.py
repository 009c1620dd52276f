from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.check import spans as check_spans
from collector.check.request import check
from collector.check.rules import SECOND_NS, CheckRules, TimeWindow
from collector.errors import Refusal
from collector.settings import CollectorSettings
from store.intake import Signal
from tests.collector.spans import request, span_ids, spoilt

NOW = 1_760_000_100 * SECOND_NS
RULES = CheckRules.of(CollectorSettings())


def verdict(**times: int) -> tuple[int, str]:
    """How many spans are rejected of three, one of which has these times, and what the sender hears."""
    checked = check(spoilt(2, **times), Signal.TRACES, RULES, NOW)
    return checked.rejected_items, checked.message


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ({"start_time_unix_nano": 0}, "start_time_unix_nano is missing"),
        ({"start_time_unix_nano": NOW // SECOND_NS}, "start_time_unix_nano is too old"),  # seconds
        ({"start_time_unix_nano": NOW // 1000}, "start_time_unix_nano is too old"),  # microseconds
        ({"start_time_unix_nano": NOW + 90_000 * SECOND_NS}, "start_time_unix_nano is too far in the future"),
        ({"end_time_unix_nano": NOW + 90_000 * SECOND_NS}, "end_time_unix_nano is too far in the future"),
        ({"end_time_unix_nano": 2**64 - 1}, "end_time_unix_nano is too far in the future"),
        ({"end_time_unix_nano": 1_759_999_998 * SECOND_NS}, "the end is before the start"),
    ],
)
def test_a_span_with_absurd_times_is_rejected_alone(times, reason):
    assert verdict(**times) == (1, f"1 span(s): {reason}")


@pytest.mark.parametrize(
    ("times", "warning"),
    [
        ({"end_time_unix_nano": 0}, "1 span(s): end_time_unix_nano is missing; kept with a duration of 0"),
        (
            {"end_time_unix_nano": 1_759_999_999 * SECOND_NS},
            "1 span(s): the end is a little before the start; kept with a duration of 0",
        ),
        ({"start_time_unix_nano": 946_684_800 * SECOND_NS}, ""),  # the first nanosecond of 2000
        ({"end_time_unix_nano": NOW + 86_400 * SECOND_NS}, ""),
    ],
)
def test_a_span_with_a_warning_is_kept(times, warning):
    assert verdict(**times) == (0, warning)


def test_a_warning_goes_beside_a_rejection():
    body = spoilt(1, span_id=b"") + spoilt(1, end_time_unix_nano=0)
    checked = check(body, Signal.TRACES, RULES, NOW)
    assert (checked.items, checked.rejected_items, checked.reason) == (3, 1, "1 span(s): span_id is missing")
    assert checked.message.startswith(f"{checked.reason}; 1 span(s): end_time_unix_nano is missing")


def test_without_rules_any_time_but_none_is_believed():
    assert check(spoilt(1, start_time_unix_nano=1)).rejected_items == 0
    assert check(spoilt(1, end_time_unix_nano=2**63)).rejected_items == 1


IDS = st.one_of(st.just(bytes(16)), st.just(bytes(8)), st.binary(min_size=16, max_size=16), st.binary(max_size=9))
TIMES = st.one_of(st.integers(0, 2**64 - 1), st.integers(NOW - 5, NOW + 5))


@given(st.lists(st.tuples(IDS, IDS, TIMES, TIMES), max_size=6))
def test_the_flat_loop_and_the_reasons_agree(spans):
    message = ExportTraceServiceRequest()
    scope = message.resource_spans.add().scope_spans.add()
    for trace_id, span_id, start, end in spans:
        scope.spans.add(trace_id=trace_id, span_id=span_id, start_time_unix_nano=start, end_time_unix_nano=end)
    window = RULES.window(NOW)
    span_faults = list(check_spans.faults(message, window))
    odd = any(span_faults) or any(check_spans.warnings(message, span_faults))
    assert check_spans.all_good(message, window) is not odd


def test_the_good_and_the_bad_together_are_the_whole_request():
    body = b"".join(spoilt(3, trace_id=bytes(16)) for _ in range(40)) + request(5)
    checked = check(body, Signal.TRACES, RULES, NOW)
    assert (checked.items, checked.rejected_items) == (125, 40)
    assert sorted(span_ids(checked.request) + span_ids(checked.rejected_request)) == sorted(span_ids(body))


def test_a_request_of_bad_spans_only_is_refused_whole():
    with pytest.raises(Refusal, match=r"Nothing in the request can be accepted: 1 span\(s\): trace_id is missing"):
        check(spoilt(0, trace_id=b""), Signal.TRACES, RULES, NOW)


def test_a_time_is_accepted_within_its_window():
    window = TimeWindow(earliest=10, latest=20)
    assert [bool(window.fault(time, "t")) for time in (0, 9, 10, 20, 21)] == [True, True, False, False, True]
