from __future__ import annotations

import flowtrail
import pytest


def attributes(captured, i=-1):
    return dict(captured.spans()[i].attributes)


def test_what_is_said_of_a_case_is_on_its_steps(captured, flow):
    with flow.case("SO-1", value=(249.9, "EUR"), dims={"channel": "web"}, actor=("human", "dana")) as case:
        case.link(package="P-1", item=["A", "B"])
        with case.step("a"):
            pass
    assert (
        attributes(captured).items()
        >= {
            "flow.case.id": "SO-1",
            "flow.value.amount": 249.9,
            "flow.dim.channel": "web",
            "flow.actor.id": "dana",
            "flow.ref.package": "P-1",
            "flow.ref.item": ("A", "B"),
        }.items()
    )


def test_links_add_up_without_doubles(captured, flow):
    case = flow.case("SO-1")
    case.link(item="A")
    case.link(item=["A", "B"])
    case.link({"item": 7})
    with case.step("a"):
        pass
    assert attributes(captured)["flow.ref.item"] == ("A", "B", "7")


def test_a_case_takes_what_is_said_later_for_later_steps(captured, flow):
    case = flow.case("SO-1")
    with case.step("a"):
        pass
    case.value(5, "USD")
    case.dim(channel="shop")
    case.actor("human", "kim")
    with case.step("b"):
        pass
    before, after = attributes(captured, 0), attributes(captured, 1)
    assert "flow.value.amount" not in before
    assert (after["flow.value.currency"], after["flow.dim.channel"], after["flow.actor.id"]) == ("USD", "shop", "kim")


def test_objects_have_no_case_id(captured, flow):
    with flow.objects(package="P-1", item=["A-1", "B-2"]) as scope, scope.step("pack"):
        assert flowtrail.current_case() is None
    found = attributes(captured)
    assert "flow.case.id" not in found
    assert (found["flow.ref.package"], found["flow.ref.item"]) == ("P-1", ("A-1", "B-2"))


def test_a_number_is_as_good_a_case_id_as_a_text(captured, flow):
    with flow.case(1001) as case, case.step("a"):
        assert case.id == "1001"
    assert attributes(captured)["flow.case.id"] == "1001"


def test_the_current_case_is_the_innermost(flow):
    assert flowtrail.current_case() is None
    with flow.case("SO-1") as outer:
        with flow.case("SO-2") as inner:
            assert flowtrail.current_case() is inner
        assert flowtrail.current_case() is outer
    assert flowtrail.current_case() is None


def test_a_case_without_id_needs_an_incoming_call(flow):
    with pytest.raises(flowtrail.FlowtrailError, match="No case id was given"):
        flow.case()


def test_a_correlation_id_is_on_every_step(captured, flow):
    with flow.case("SO-1", correlation_id="c-1") as case, case.step("a"):
        assert case.correlation_id == "c-1"
    assert attributes(captured)["flow.correlation_id"] == "c-1"


def test_a_case_prints_itself(flow):
    assert repr(flow.case("SO-1")) == "Case('order-to-cash', 'SO-1')"
