"""The spans that a benchmark sends: eleven attributes each, never the same twice, the same in every process."""

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from proof.bench.tools.load import ATTRIBUTES, STEPS, Load


def spans_of(body):
    groups = ExportTraceServiceRequest.FromString(body).resource_spans
    return [span for group in groups for scope in group.scope_spans for span in scope.spans]


def word(span, key):
    return next((attribute.value.string_value for attribute in span.attributes if attribute.key == key), "")


@pytest.mark.parametrize("in_flight", [0, 20])
@pytest.mark.parametrize("size", [7, 30])
def test_spans_are_many_and_different(size, in_flight):
    load = Load(size, in_flight)
    spans = [span for number in range(10) for span in spans_of(load.request(number))]
    assert len({span.span_id for span in spans}) == len(spans) == 10 * size
    assert {len(span.attributes) for span in spans} == {ATTRIBUTES}
    assert len({span.trace_id for span in spans}) == load.cases(10 * size)
    assert sum(span.name == STEPS[-1] for span in spans) == load.finished(10 * size)
    assert all(span.end_time_unix_nano > span.start_time_unix_nano > load.began_ns - 1 for span in spans)


def test_a_request_is_the_same_each_time_it_is_made():
    assert Load(64, began_ns=1).request(3) == Load(64, began_ns=1).request(3)
    assert Load(64, began_ns=1).request(3) != Load(64, began_ns=1).request(4)
    assert Load(64, began_ns=1).request(3) != Load(64, seed=2, began_ns=1).request(3)


def test_cases_follow_one_another_when_each_is_sent_whole():
    load = Load(10)
    first, second = (spans_of(load.request(number)) for number in (0, 1))
    assert {span.name for span in first} == set(STEPS)
    assert {span.trace_id.hex() for span in first} == {load.trace_id(0)}
    assert {word(span, "flow.case.id") for span in second} == {"", load.case_id(1)}


def test_cases_in_flight_advance_together_one_step_at_a_time():
    load = Load(30, in_flight=30)
    names = [{span.name for span in spans_of(load.request(number))} for number in range(len(STEPS))]
    assert names == [{step} for step in STEPS]


def test_the_warehouse_names_the_package_and_not_the_order():
    packs = [span for span in spans_of(Load(40).request(0)) if span.name == "pack"]
    assert [word(span, "flow.case.id") for span in packs] == ["", "", "", ""]
    assert [word(span, "flow.ref.package") for span in packs] == [Load().package_id(number) for number in (0, 1, 2, 3)]
    assert Load().package_id(2) == Load().package_id(3)


def test_the_parent_is_the_first_step_of_the_case():
    spans = spans_of(Load(10).request(5))
    first = next(span for span in spans if span.name == STEPS[0])
    assert not first.parent_span_id
    assert {span.parent_span_id for span in spans if span is not first} == {first.span_id}
