from __future__ import annotations

import re
import uuid
from decimal import Decimal

import flowtrail
import pytest
from flowtrail import conventions as c
from flowtrail import testing
from flowtrail._checks import MAX_ID_LENGTH, MAX_IDS_PER_TYPE, Checks
from hypothesis import given
from hypothesis import strategies as st

NAN = float("nan")
LENIENT = flowtrail.Runtime("wms", disabled=True, strict=False)

BAD_DETAILS = [
    {"kind": "taks"},
    {"action": ""},
    {"action": 5},
    {"actor": ("robot", "r2")},
    {"actor": 5},
    {"actor": ("human", "")},
    {"attempt": 0},
    {"attempt": -1},
    {"attempt": True},
    {"attempt": 1.5},
    {"idempotency_key": "  "},
    {"cost": (NAN, "EUR")},
    {"cost": (float("inf"), "EUR")},
    {"cost": (1, "EURO")},
    {"cost": (1, "E1R")},
    {"cost": (1, None)},
    {"cost": ("1", "EUR")},
    {"cost": (True, "EUR")},
    {"cost": 5},
    {"cost": (10**400, "EUR")},
    {"cost": (Decimal("sNaN"), "EUR")},
    {"value": (1e12, "EUR")},
    {"refs": {"Package": "P"}},
    {"refs": {"pack-age": "P"}},
    {"refs": {"": "P"}},
    {"refs": {5: "P"}},
    {"refs": {"package": ""}},
    {"refs": {"package": None}},
    {"refs": "P-1"},
    {"refs": {"package": [str(i) for i in range(MAX_IDS_PER_TYPE + 1)]}},
    {"refs_only": ["Not A Type"]},
    {"dims": {"Channel": "web"}},
    {"dims": {"channel": object()}},
    {"dims": ["web"]},
    {"outcome": " "},
    {"compensates": ""},
    {"approval": {"deadline": 5}},
    {"approval": {"timeout_s": -1}},
    {"approval": {"decision": 5}},
    {"approval": 5},
    {"reads": [5]},
    {"colour": "red"},
]


def _name(details):
    """The same in every process that collects the tests: an object's address is not."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(details))


@pytest.mark.parametrize("details", BAD_DETAILS, ids=_name)
def test_strict_mode_raises_on_bad_details_and_says_what_to_do(flow, details):
    with pytest.raises(flowtrail.FlowtrailError) as raised:
        flow.case("SO-1").step("a", **details)
    assert raised.value.hint
    assert raised.value.code


@pytest.mark.parametrize("details", BAD_DETAILS, ids=_name)
def test_otherwise_the_bad_value_is_left_out_and_the_step_is_sent(details, caplog):
    with testing.capture("wms", strict=False) as captured:
        flow = flowtrail.Flow("f", runtime=captured.runtime)
        with flow.case("SO-1").step("a", **details):
            pass
        (span,) = captured.spans()
    assert span.attributes[c.CASE_ID] == "SO-1"
    assert caplog.text.count("reported once") == 1


@pytest.mark.parametrize("case_id", ["", "   ", True, 1.5, [], "x" * (MAX_ID_LENGTH + 1)])
def test_a_bad_case_id_is_refused_or_left_out(case_id, caplog):
    with testing.capture("wms") as captured, pytest.raises(flowtrail.FlowtrailError, match="case id"):
        flowtrail.Flow("f", runtime=captured.runtime).case(case_id)
    with testing.capture("wms", strict=False) as captured:
        with flowtrail.Flow("f", runtime=captured.runtime).case(case_id) as case, case.step("a"):
            pass
        assert c.CASE_ID not in captured.spans()[0].attributes


def test_a_step_without_name_is_refused_or_sent_as_unknown():
    with testing.capture("wms") as captured, pytest.raises(flowtrail.FlowtrailError, match="step name"):
        flowtrail.Flow("f", runtime=captured.runtime).case("SO-1").step("")
    with testing.capture("wms", strict=False) as captured:
        with flowtrail.Flow("f", runtime=captured.runtime).case("SO-1").step(""):
            pass
        assert captured.spans()[0].name == "unknown"


def test_each_kind_of_mistake_is_told_once(caplog):
    checks = Checks(strict=False)
    for _ in range(3):
        checks.money("cost", (NAN, "EUR"))
        checks.count("attempt", -1)
    assert len(caplog.records) == 2


def test_attributes_of_ones_own_stay_out_of_our_namespace(flow):
    with flow.case("SO-1").step("a") as step:
        with pytest.raises(flowtrail.FlowtrailError, match=r"step\.dim"):
            step.attribute("flow.dim.x", "y")
        with pytest.raises(flowtrail.FlowtrailError, match="cannot hold a dict"):
            step.attribute("x", {})
        step.attribute("tags", ["a", 1, True])


def test_uuids_are_ids(flow):
    order = uuid.uuid4()
    assert flow.case(order).id == str(order)


WORDS = st.text(max_size=40) | st.integers() | st.floats() | st.none() | st.booleans() | st.binary(max_size=5)


@given(st.dictionaries(WORDS, WORDS | st.lists(WORDS, max_size=3), max_size=4))
def test_whatever_comes_in_only_encodable_ids_under_good_names_come_out(refs):
    found = Checks(strict=False).refs(refs)
    for kind, ids in found.items():
        assert kind.isascii()
        assert kind == kind.lower()
        assert all(i.strip() and len(i) <= MAX_ID_LENGTH and i.encode() for i in ids)
        assert len(set(ids)) == len(ids)


@given(st.tuples(WORDS | st.decimals(), WORDS))
def test_whatever_comes_in_money_is_finite_and_has_a_currency(pair):
    money = Checks(strict=False).money("cost", pair)
    if money is not None:
        assert abs(money[0]) < 1e12
        assert len(money[1]) == 3
        assert money[1] == money[1].upper()


@given(st.text(max_size=300))
def test_whatever_text_comes_in_protobuf_can_encode_what_comes_out(text):
    checks = Checks(strict=False)
    for kept in (checks.text("x", text), checks.identifier("x", text), checks.attribute("x", text)):
        assert kept is None or kept.encode() is not None


@given(st.dictionaries(st.sampled_from(["colour", "kind", "cost", "refs", "dims", "actor", "attempt"]), WORDS))
def test_no_details_whatever_break_a_step_outside_of_strict_mode(details):
    with flowtrail.Flow("f", runtime=LENIENT).case("SO-1").step("a", **details) as step:
        assert step.trace_id
