from cases.identifier import Identifier
from cases.trail.event import Membership
from cases.trail.sharing import MAX_SHARERS, sharing

OWN = ("order-to-cash", "SO-5")


class Reach:
    """Answers who reaches which id, as store/queries/cases/sharers.sql does."""

    def __init__(self, **cases_by_value):
        self._rows = [
            {"IdType": "item", "IdValue": value, "Flow": flow, "CaseId": case_id}
            for value, cases in cases_by_value.items()
            for flow, case_id in cases
        ]

    def query(self, name, *, keys, limit, tenant):
        assert name == "cases/sharers"
        return [row for row in self._rows if (row["IdValue"], row["IdType"]) in keys]


def joint(*items, flow="", state=""):
    refs = [{"Type": "item", "Value": item} for item in items]
    return {"TraceId": "t", "SpanId": "s", "Flow": flow, "State": state, "Refs": refs}


def orders(*numbers, flow="order-to-cash"):
    return [(flow, f"SO-{number}") for number in numbers]


def test_an_event_reaches_cases_through_ids_that_this_case_does_not_reach():
    found = sharing(Reach(A=orders(5), B=orders(3)), "default", OWN, [("A", "item")], [joint("A", "B")])
    assert found.members["t", "s"] == Membership(2, 1, ("SO-3",))
    assert [(case.case_id, case.events, case.ids) for case in found.related] == [("SO-3", 1, ())]
    assert [(one.value, one.shared_with) for one in found.ids] == [("A", 0)]


def test_an_event_that_names_its_flow_belongs_to_no_case_of_another():
    reach = Reach(A=[*orders(5), *orders(3, flow="returns")])
    assert sharing(reach, "default", OWN, [("A", "item")], [joint("A")]).members["t", "s"].count == 2
    assert sharing(reach, "default", OWN, [("A", "item")], [joint("A", flow=OWN[0])]).members["t", "s"].count == 1


def test_an_open_step_is_shared_but_is_no_common_event_yet():
    found = sharing(Reach(A=orders(5, 6)), "default", OWN, [("A", "item")], [joint("A", state="started")])
    assert found.members["t", "s"].count == 2
    assert found.related == ()


def test_a_case_keeps_its_id_when_more_cases_reach_it_than_are_read():
    crowd = orders(*range(10_000, 10_000 + MAX_SHARERS))
    found = sharing(Reach(A=crowd), "default", OWN, [("A", "item")], [joint("A")])
    assert [(one.value, one.shared_with) for one in found.ids] == [("A", MAX_SHARERS)]
    assert found.members["t", "s"].others[:1] == ("SO-10000",)
    assert found.truncated


def test_cases_with_most_events_in_common_come_first():
    rows = [joint("A") | {"SpanId": "1"}, joint("B") | {"SpanId": "2"}, joint("B") | {"SpanId": "3"}]
    reach = Reach(A=orders(5, 1), B=orders(5, 9))
    found = sharing(reach, "default", OWN, [("A", "item"), ("B", "item")], rows)
    assert [(case.case_id, case.events) for case in found.related] == [("SO-9", 2), ("SO-1", 1)]
    assert found.related[0].ids == (Identifier("item", "B"),)
