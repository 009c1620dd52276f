"""One text that is not UTF-8 costs nothing but what cannot be read in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.check import text_repair
from collector.check.request import check
from collector.check.text_repair import repaired_protobuf, repaired_text, without_surrogates
from collector.errors import Refusal
from collector.signals import SHAPES
from store.intake import Signal
from tests.collector.spans import request

CUT = b"caf\xc3"


def planted(shape, text: bytes) -> tuple[bytes, int]:
    """A request that holds ``text`` in every string field of the signal, and how many there are."""
    mark, message = "q" * len(text), shape.request()
    _fill(message, mark, 0)
    body = message.SerializeToString()
    return body.replace(mark.encode(), text), body.count(mark.encode())


def _fill(message, mark, depth):
    oneofs = set()
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof:
            if field.containing_oneof.name in oneofs or (depth > 9 and field.message_type):
                continue
            oneofs.add(field.containing_oneof.name)
        if field.message_type:
            if depth < 12:
                child = getattr(message, field.name)
                _fill(child.add() if field.is_repeated else child, mark, depth + 1)
        elif field.type == field.TYPE_STRING:
            getattr(message, field.name).append(mark) if field.is_repeated else setattr(message, field.name, mark)


@pytest.mark.parametrize("signal", list(Signal))
def test_every_text_of_a_signal_is_repaired(signal):
    shape = SHAPES[signal]
    body, texts = planted(shape, CUT)
    assert texts > 8
    readable, repaired = repaired_protobuf(body, shape.request.DESCRIPTOR)
    assert repaired == texts
    assert readable.count("caf\ufffd".encode()) == texts
    again = shape.request.FromString(readable)
    # A second, independent way: the same request made with the repaired text.
    expected, _ = planted(shape, "caf\ufffd".encode())
    assert again == shape.request.FromString(expected)


def test_ten_services_are_kept_though_one_cuts_a_character():
    body = b"".join(request(1, system=f"system-{number}") for number in range(9))
    body += request(1, name="cafX").replace(b"cafX", CUT)
    checked = check(body)
    assert (checked.items, checked.rejected_items, checked.repaired) == (10, 0, 1)
    assert checked.message == "1 text(s): not UTF-8; what could not be read was replaced by U+FFFD"
    spans = SHAPES[Signal.TRACES].request.FromString(checked.request).resource_spans
    assert spans[9].scope_spans[0].spans[0].name == "caf\ufffd"


def test_what_is_missing_besides_is_rejected_alone_as_ever():
    body = request(2) + request(1, name="cafX").replace(b"cafX", CUT)
    spoilt = SHAPES[Signal.TRACES].request.FromString(body.replace(CUT, b"cafe"))
    spoilt.resource_spans[0].scope_spans[0].spans[0].span_id = b""
    checked = check(spoilt.SerializeToString().replace(b"cafe", CUT))
    assert (checked.items, checked.rejected_items, checked.repaired) == (2, 1, 1)
    assert "span_id is missing" in checked.message


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_refused(body):
    try:
        check(body)
    except Refusal:
        return


@given(st.binary(max_size=40))
def test_a_repaired_text_is_stable_and_keeps_what_can_be_read(text):
    readable = repaired_text(text)
    assert repaired_text(readable.encode()) == readable
    assert readable.replace("\ufffd", "") == text.decode("utf-8", "ignore").replace("\ufffd", "")


@given(st.text(st.characters(categories=["Cs", "L", "So"])))
def test_half_characters_are_replaced_and_whole_ones_kept(text):
    readable = without_surrogates(text)
    readable.encode()
    assert without_surrogates("\ud83d\ude00") == "\U0001f600"
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert readable == text


def test_a_large_request_is_not_taken_apart_for_one_text(monkeypatch):
    """The rest is read by protobuf in C: in Python it would take seconds, and hold up everybody else."""
    body = request(2_000) + request(1, name="cafX").replace(b"cafX", CUT) + request(2_000)
    read = []
    monkeypatch.setattr(text_repair, "_fields", lambda data, fields=text_repair._fields: read.append(0) or fields(data))
    assert check(body).repaired == 1
    assert len(read) < 10
