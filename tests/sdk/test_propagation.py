from __future__ import annotations

import asyncio

import flowtrail
import pytest
from flowtrail._checks import MAX_ID_LENGTH
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context, attach, detach

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
LENIENT = flowtrail.Runtime("sender", disabled=True, strict=False)
OFF = flowtrail.Runtime("sender", disabled=True, strict=True)


def send(flow, headers, case="SO-1", **about):
    with flow.case(case, **about) as scope, scope.step("send") as step:
        flowtrail.inject(headers)
    return step


@pytest.mark.parametrize("headers", [{}, [], {"x": b"y"}, {b"x": b"y"}, [(b"x", b"y")], [("x", b"y")]], ids=repr)
def test_trace_and_case_survive_every_shape_of_headers(flow, captured, headers):
    step = send(flow, headers, correlation_id="c-1")
    with flowtrail.extract(headers), flow.case() as case, case.step("receive") as received:
        assert (case.id, case.correlation_id) == ("SO-1", "c-1")
        assert received.trace_id == step.trace_id
    span = captured.spans()[-1]
    assert f"{span.parent.span_id:016x}" == step.span_id
    assert span.parent.is_remote


def test_mappings_get_text_and_message_headers_get_bytes(flow):
    http, asgi, kafka = {}, [(b"host", b"x")], [("k", b"v")]
    for headers in (http, asgi, kafka):
        send(flow, headers)
    assert set(http) == {"traceparent", "baggage"}
    assert {type(part) for pair in asgi for part in pair} == {bytes}
    assert [name for name, _ in kafka] == ["k", "traceparent", "baggage"]
    assert isinstance(kafka[1][1], bytes)


def test_headers_left_from_before_are_replaced_whatever_their_case(flow):
    headers = {"Traceparent": "old", "BAGGAGE": "flow.case.id=old"}
    send(flow, headers)
    assert set(headers) == {"traceparent", "baggage"}
    assert headers["baggage"] == "flow.name=order-to-cash,flow.case.id=SO-1"


def test_nothing_of_the_hosts_baggage_leaves_with_us(flow):
    token = attach(baggage.set_baggage("user.email", "dana@example.com"))
    try:
        headers = {}
        send(flow, headers)
    finally:
        detach(token)
    assert headers["baggage"] == "flow.name=order-to-cash,flow.case.id=SO-1"


def test_what_the_host_wrote_into_the_headers_itself_stays(flow):
    headers = {"baggage": "tenant=7;ttl=1,flow.case.id=SO-0"}
    send(flow, headers)
    assert headers["baggage"] == "flow.name=order-to-cash,flow.case.id=SO-1,tenant=7;ttl=1"


def test_outside_of_any_scope_inject_writes_nothing():
    headers = {"a": "b"}
    flowtrail.inject(headers)
    assert headers == {"a": "b"}


def test_a_case_passes_through_a_system_that_records_nothing(flow):
    headers, onward = {}, {}
    send(flow, headers)
    with flowtrail.extract(headers):
        flowtrail.inject(onward)
    assert onward == headers


def test_a_case_of_another_flow_is_not_taken_for_ours(flow):
    other = flowtrail.Flow("procure-to-pay", runtime=OFF)
    headers = {}
    send(other, headers, "PO-1")
    with flowtrail.extract(headers), pytest.raises(flowtrail.FlowtrailError, match="no incoming call named a case"):
        flow.case()


def test_a_case_can_come_through_the_hosts_own_propagator(flow):
    token = attach(W3CBaggagePropagator().extract({"baggage": "flow.name=order-to-cash,flow.case.id=SO-5"}, Context()))
    try:
        assert flow.case().id == "SO-5"
    finally:
        detach(token)


def test_objects_inside_extract_continue_the_correlation(flow, captured):
    headers = {}
    send(flow, headers, correlation_id="c-1")
    with flowtrail.extract(headers), flow.objects(package="P") as scope, scope.step("pack"):
        pass
    assert captured.spans()[-1].attributes["flow.correlation_id"] == "c-1"
    assert "flow.case.id" not in captured.spans()[-1].attributes


def test_sampling_as_the_host_upstream_decided_it_goes_on_unchanged(flow, captured):
    onward = {}
    with flowtrail.extract({"traceparent": TRACEPARENT[:-2] + "00"}), flow.case("SO-1") as case, case.step("a"):
        flowtrail.inject(onward)
    assert onward["traceparent"].endswith("-00")
    assert len(captured.spans()) == 1


def test_tracestate_goes_on(flow):
    onward = {}
    with (
        flowtrail.extract({"traceparent": TRACEPARENT, "tracestate": "vendor=1"}),
        flow.case("SO-1") as case,
        case.step("a"),
    ):
        flowtrail.inject(onward)
    assert onward["tracestate"] == "vendor=1"


@pytest.mark.parametrize(("case_id", "correlation_id"), [("SO-1", "c-1"), ("SO-2", None)])
def test_a_case_named_again_continues_the_correlation_and_another_one_does_not(flow, case_id, correlation_id):
    headers = {}
    send(flow, headers, correlation_id="c-1")
    with flowtrail.extract(headers):
        assert flow.case(case_id).correlation_id == correlation_id


def test_extract_ends_the_scope_of_what_ran_before(flow):
    with flow.case("SO-1") as case, case.step("poll"):
        with flowtrail.extract({}):
            assert flowtrail.current_case() is None
            assert flowtrail.current_step() is None
        assert flowtrail.current_case() is case


def test_extract_works_with_async_with_and_says_what_it_found():
    async def main():
        async with flowtrail.extract({"baggage": "flow.name=f,flow.case.id=1,flow.correlation_id=c"}) as incoming:
            return incoming.flow, incoming.case_id, incoming.correlation_id

    assert asyncio.run(main()) == ("f", "1", "c")


HOSTILE = [
    {"baggage": "flow.case.id"},
    {"baggage": "flow.case.id="},
    {"baggage": "flow.case.id=%"},
    {"baggage": "flow.case.id=%ff%fe"},
    {"baggage": "flow.case.id=a%00b"},
    {"baggage": "flow.case.id=a%0d%0aSet-Cookie:x"},
    {"baggage": "flow.case.id=" + "x" * (MAX_ID_LENGTH + 1)},
    {"baggage": "x=" + "y" * 9000 + ",flow.case.id=1"},
    {"baggage": "a=b," * 200 + "flow.case.id=1"},
    {"baggage": "Flow.Case.Id=1"},
    {"baggage": "flow.case.id=ü"},
    {"baggage": b"\xff\xfe=\x00"},
    {"baggage": 5},
    {"baggage": None},
    {"traceparent": "00-" + "0" * 32 + "-" + "0" * 16 + "-01"},
    {"traceparent": "ff-" + TRACEPARENT[3:]},
    {"traceparent": "x" * 10_000},
    {"traceparent": [TRACEPARENT, TRACEPARENT]},
    {5: 6},
    [("traceparent",)],
    [5],
    None,
    "traceparent",
    5,
]


@pytest.mark.parametrize("headers", HOSTILE, ids=lambda h: repr(h)[:50])
def test_hostile_headers_are_ignored(headers):
    with flowtrail.extract(headers) as incoming:
        assert incoming.case_id in {None, "%"}
        out = {}
        flowtrail.inject(out)
    assert "traceparent" not in out


@given(st.dictionaries(st.text(max_size=20) | st.binary(max_size=20), st.text() | st.binary(), max_size=4))
def test_no_headers_whatever_raise(headers):
    with flowtrail.extract(headers):
        flowtrail.inject(headers)


@given(st.text(min_size=1, max_size=MAX_ID_LENGTH), st.text(min_size=1, max_size=MAX_ID_LENGTH))
def test_every_id_survives_the_round_trip_unchanged_or_not_at_all(case_id, correlation_id):
    case = flowtrail.Flow("f", runtime=LENIENT).case(case_id, correlation_id=correlation_id)
    headers = {}
    with case:
        flowtrail.inject(headers)
    assert all(31 < ord(char) < 127 for char in headers["baggage"])
    assert len(headers["baggage"]) <= 8192
    with flowtrail.extract(headers) as incoming:
        assert incoming.case_id in {case.id, None}
        if case_id.isprintable():
            assert incoming.case_id == case.id


@given(st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable() and text.strip()))
def test_opentelemetrys_own_propagator_reads_what_we_write(case_id):
    headers = {}
    with flowtrail.Flow("f", runtime=OFF).case(case_id):
        flowtrail.inject(headers)
    context = W3CBaggagePropagator().extract(headers, Context())
    assert baggage.get_baggage("flow.case.id", context) == case_id.strip()
