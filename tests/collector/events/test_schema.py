"""The published schema agrees with what is accepted."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from collector.events.event import FIELDS, schema
from tests.collector.events.reading import FULL, SMALL, read

VALIDATOR = Draft202012Validator(schema())
BETWEEN_FIELDS = ("The event", "A started event", "Without an id", "status is ok", "A span_id", "A parent_span_id")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**16),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["started", "human", "EUR", "12.5", "ab" * 8, "2026-03-01T12:00Z", "Europe/Berlin", "ok"]),
)
NAMES = st.one_of(st.text(max_size=5), st.sampled_from(["type", "id", "class", "code", "amount", "currency", "a_1"]))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))


def test_the_copy_in_the_docs_is_what_is_served(repository):
    assert json.loads((repository / "docs" / "events.schema.json").read_text(encoding="utf-8")) == schema()


def test_the_schema_is_one():
    Draft202012Validator.check_schema(schema())
    assert VALIDATOR.is_valid(SMALL)
    assert VALIDATOR.is_valid([SMALL, FULL])
    assert not VALIDATOR.is_valid({**SMALL, "tme": 1})


@given(st.sampled_from(FIELDS), VALUES)
@example("step", -1.7976931348623155e308)
@example("case", 5.0)
@example("case", 10.0**15)
def test_what_the_schema_allows_is_taken_apart_from_rules_between_fields(field, value):
    name = {"class_": "class"}.get(field, field)
    for base in (SMALL, FULL):
        event = {**base, name: value}
        reading = read(event)
        assert len(reading.accepted) + len(reading.rejected) == 1
        if VALIDATOR.is_valid(event):
            messages = [fault.message for rejected in reading.rejected for fault in rejected.faults]
            assert [text for text in messages if not text.startswith(BETWEEN_FIELDS) and not _only_we_know(text)] == []


def _only_we_know(text: str) -> bool:
    """What a pattern cannot express: which days and zones exist, how large and how precise a number may be."""
    known = ("no time zone", "in which time zone", "no such day", "too large", "decimal places", "be a duration")
    return any(part in text for part in (*known, "impossible offset", "is no attempt"))


@given(st.decimals(-(10**11), 10**11, places=6))
def test_every_amount_of_six_places_is_kept(amount):
    reading = read({**SMALL, "cost": {"amount": str(amount), "currency": "EUR"}})
    assert reading.accepted
    assert Decimal(str(amount)) == amount
