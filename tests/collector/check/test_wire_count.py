from __future__ import annotations

import pytest

from collector.check.request import check
from collector.check.rules import CheckRules
from collector.check.wire_count import PARTS_PER_ITEM, count_on_wire
from collector.errors import Refusal
from tests.collector.spans import request


def field(number: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    size, length = len(content), bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + content


def in_span(content: bytes) -> bytes:
    return field(1, field(2, field(2, content)))


def in_value(content: bytes) -> bytes:
    return in_span(field(9, field(2, content)))


DENSE = {
    "spans": field(1, field(2, b"\x12\x00" * 1_000_000)),
    "resources": b"\x0a\x00" * 1_000_000,
    "scopes": field(1, b"\x12\x00" * 1_000_000),
    "resource attributes": field(1, field(1, b"\x0a\x00" * 1_000_000)),
    "attributes": in_span(b"\x4a\x00" * 1_000_000),
    "events": in_span(b"\x5a\x00" * 1_000_000),
    "attributes of links": in_span(field(13, b"\x22\x00" * 1_000_000)),
    "values of an array": in_value(field(5, b"\x0a\x00" * 1_000_000)),
    "values of a list": in_value(field(6, b"\x0a\x00" * 1_000_000)),
    "arrays in an array": in_value(field(5, b"\x0a\x02\x2a\x00" * 500_000)),
    "fields spread over spans": field(1, field(2, field(2, b"\x4a\x00" * 1000) * 1000)),
}


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in DENSE.items()])
def test_a_dense_request_is_too_large_before_it_is_decoded(body):
    with pytest.raises(Refusal, match="more than") as refused:
        check(body, rules=CheckRules(20_000))
    assert refused.value.code == "too_large"


def test_the_limit_of_spans_may_be_reached_and_not_passed():
    assert check(request(40), rules=CheckRules(40)).items == 40
    with pytest.raises(Refusal, match="more than 40 spans"):
        check(request(41), rules=CheckRules(40))
    assert check(request(41)).items == 41


ONE_OF_EACH = ("resource spans", "resource", "attribute", "value", "scope spans")


def test_a_request_of_many_megabytes_is_counted_exactly():
    body = b"".join([request(9000)] * 8)
    assert len(body) > 2 * PARTS_PER_ITEM * 72_000
    count = count_on_wire(body, 72_000)
    assert (count.items, count.parts) == (72_000, 8 * len(ONE_OF_EACH))


@pytest.mark.parametrize("body", [b"\xff" * 100_000, request(2000)[:-3], b"\x0b" * 100_000, in_span(b"\x4a\x7f" * 9)])
def test_what_cannot_be_decoded_is_refused_as_such_however_large(body):
    with pytest.raises(Refusal) as refused:
        check(body, rules=CheckRules(100))
    assert refused.value.code in {"invalid_data", "too_large"}


def test_values_within_values_without_end_are_refused():
    body = b""
    for _ in range(2000):
        body = field(1, field(5, body)) if body else field(1, b"")
    with pytest.raises(Refusal):
        check(in_value(body) * 30, rules=CheckRules(100))
