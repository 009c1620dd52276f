"""What the body of a request may be, and which events of a broken one are still accepted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.check.rules import TimeWindow
from collector.errors import Refusal
from collector.events.body import LINES, read_raw_events
from collector.events.intake import read_events
from tests.collector.events.reading import NOW_NS

ONE = b'{"a": 1}'


def contents(body: bytes, content_type: str = "application/json", limit: int = 0) -> list:
    return [item.content for item in read_raw_events(body, content_type, limit)]


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (ONE, "", [{"a": 1}]),
        (b"\xef\xbb\xbf" + ONE, "", [{"a": 1}]),
        (b"[]", "", []),
        (b'[{"a": 1}, {"a": 2}]', "", [{"a": 1}, {"a": 2}]),
        (b'{"a": 1}\n{"a": 2}\n', "text/plain", [{"a": 1}, {"a": 2}]),
        (b'{"a": 1}\r\n\r\n{"a": 2}', "application/x-ndjson", [{"a": 1}, {"a": 2}]),
        (b'{"a": 1}\nnonsense\n{"a": 2}', "application/x-ndjson", [{"a": 1}, None, {"a": 2}]),
        (b'{"a": 1}\nnonsense\n{"a": 2}', "application/json", [{"a": 1}, None, {"a": 2}]),
        (b'nonsense\n{"a": 2}', "application/x-ndjson", [None, {"a": 2}]),
        (b'[{"a": 1}, 7, null]', "", [{"a": 1}, None, None]),
        (b'{"a": 1}{"a": 2}', "", [None]),
    ],
)
def test_an_object_a_list_or_lines(body, content_type, expected):
    assert contents(body, content_type) == expected


def test_lines_without_line_ends_get_a_hint():
    [item] = read_raw_events(b'{"a": 1}{"a": 2}', "", 0)
    assert "--data-binary" in item.fault.hint


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b'{"a": 1', "line 1, character"),
        (b'[\n{"a": 1},\n{"a" 2}]', "line 3"),
        (b"\xff\xfe{", "UTF-8"),
        (b"case=SO-1&step=x", "looks like a form"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 10_000, "too many digits"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(body, says):
    with pytest.raises(Refusal) as caught:
        read_raw_events(body, "application/json", 0)
    assert caught.value.code == "invalid_data"
    assert says in str(caught.value)


def test_more_events_than_allowed_are_refused_whole():
    body = json.dumps([{}] * 11).encode()
    assert len(contents(body, limit=11)) == len(contents(body)) == 11
    with pytest.raises(Refusal, match="11 events; the limit is 10"):
        contents(body, limit=10)
    with pytest.raises(Refusal, match="11 events"):
        contents(b"{}\n" * 11, "application/x-ndjson", limit=10)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
PIECES = [b"[", b"]", b"{", b"}", b",", b":", b'"', b"\n", b"1e999999999", b"\\ud800", b"null", b"\xff", b'"id"', b"-"]


@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join),
        JSON.map(lambda value: json.dumps(value).encode()),
        st.lists(JSON, max_size=4).map(lambda values: "\n".join(map(json.dumps, values)).encode()),
    ),
    st.sampled_from(["application/json", "application/x-ndjson", ""]),
)
def test_whatever_is_sent_is_an_answer_or_a_refusal(body, content_type):
    try:
        items = read_raw_events(body, content_type, 1000)
    except Refusal:
        return
    reading = read_events(items, "default", NOW_NS, TimeWindow())
    assert len(reading.accepted) + len(reading.rejected) == len(items)
    assert all(
        event.faults and all(fault.message and fault.hint for fault in event.faults) for event in reading.rejected
    )
    json.dumps([event.as_json() for event in reading.rejected])


def test_a_byte_that_is_not_utf_8_costs_only_its_event():
    good, bad = b'{"flow": "a", "step": "b"}', b'{"flow": "a", "step": "caf\xe9"}'
    for body, kind in (
        (b"[%b,%b,%b]" % (good, bad, good), "application/json"),
        (b"\n".join((good, bad, good)), LINES[0]),
    ):
        first, broken, last = read_raw_events(body, kind, 0)
        assert first.content == last.content == {"flow": "a", "step": "b"}
        assert (broken.content, broken.fault.message) == (None, "The event is not UTF-8.")
        assert "PowerShell" in broken.fault.hint
