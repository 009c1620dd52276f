"""Small requests that would take much space in the store."""

from __future__ import annotations

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.check.amplification import MAX_REFS
from collector.check.request import check
from collector.check.rules import CheckRules
from collector.errors import Refusal
from collector.signals import count_items
from store.intake import Signal
from tests.collector.spans import request

LIMIT = CheckRules(100_000)


def with_refs(refs: int, *, spans: int = 1, as_json: bool = False, case: str = "") -> bytes:
    """A request whose spans carry ``refs`` typed ids each."""
    message = ExportTraceServiceRequest.FromString(request(spans))
    ids = [f"item-{number:012}" for number in range(refs)]
    for span in message.resource_spans[0].scope_spans[0].spans:
        value = span.attributes.add(key="flow.ref.item").value
        if as_json:
            value.string_value = '["' + '","'.join(ids) + '"]'
        else:
            for text in ids:
                value.array_value.values.add(string_value=text)
        if case:
            span.attributes.add(key="flow.case.id").value.string_value = case
    body: bytes = message.SerializeToString()
    return body


@pytest.mark.parametrize("as_json", [False, True])
def test_a_span_with_too_many_refs_is_rejected_alone(as_json):
    checked = check(request(2) + with_refs(6000, as_json=as_json) + request(1), rules=LIMIT)
    assert (checked.items, checked.rejected_items) == (3, 1)
    assert checked.reason == f"1 span(s): more than {MAX_REFS} flow.ref.* values"
    assert count_items(Signal.TRACES, checked.rejected_request) == 1


def test_as_many_refs_as_allowed_are_taken():
    assert check(with_refs(MAX_REFS), rules=LIMIT).items == 1


def test_many_spans_with_many_refs_are_too_large_unless_they_name_their_case():
    body = with_refs(900, spans=40)
    with pytest.raises(Refusal, match=r"each stored once per flow\.ref") as refused:
        check(body, rules=LIMIT)
    assert refused.value.code == "too_large"
    assert check(with_refs(900, spans=40, case="SO-1"), rules=LIMIT).items == 40


def test_a_large_resource_with_many_spans_is_too_large():
    message = ExportTraceServiceRequest.FromString(request(2000))
    message.resource_spans[0].resource.attributes.add(key="blob").value.string_value = "x" * 100_000
    with pytest.raises(Refusal, match="resources") as refused:
        check(message.SerializeToString(), rules=LIMIT)
    assert refused.value.code == "too_large"


def test_a_large_span_without_refs_is_taken():
    message = ExportTraceServiceRequest.FromString(request(2))
    message.resource_spans[0].scope_spans[0].spans[0].attributes.add(key="prompt").value.string_value = "x" * 5_000_000
    assert check(message.SerializeToString(), rules=LIMIT).items == 2
