from hypothesis import given
from hypothesis import strategies as st

from demo.truth.truth import merge, share

AT = "2026-03-02T10:00:{:02d}.000000Z"


def step(system, name, second, *, order=None, **more):
    refs = more.pop("refs", {})
    said = {"type": "step", "system": system, "step": name, "order": order, "attempt": 1, "actor": ["service", system]}
    return {**said, "start": AT.format(second), "end": AT.format(second + 1), "refs": refs, **more}


def packed(package, *orders):
    return {"type": "packed", "system": "wms", "at": AT.format(0), "package": package, "items": [], "orders": orders}


@given(total=st.integers(0, 10**12), n=st.integers(1, 60))
def test_shares_add_up_to_the_whole_and_differ_by_one_at_most(total, n):
    parts = [share(total, n, rank) for rank in range(n)]
    assert sum(parts) == total
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= 1


def test_an_event_of_a_package_is_in_each_of_its_orders_at_a_share_of_its_cost():
    records = [
        packed("PK-1", "SO-1", "SO-2", "SO-3"),
        step("wms", "book-carrier", 1, refs={"package": ["PK-1"]}, cost=["0.35", "EUR"], attempt=2),
    ]
    orders = merge(records)["orders"]
    assert [orders[f"SO-{n}"]["steps"][0]["cost_share_millionths"] for n in (1, 2, 3)] == [116_667, 116_667, 116_666]
    assert [orders[f"SO-{n}"]["steps"][0]["share_millionths"] for n in (1, 2, 3)] == [333_334, 333_333, 333_333]
    assert orders["SO-1"]["retry_cost_millionths"] == {"EUR": 116_667}
    assert orders["SO-2"]["shared_with"] == ["SO-1", "SO-3"]
    assert orders["SO-2"]["shared_events"] == 1


def test_a_tracking_number_leads_to_the_orders_of_its_package():
    records = [
        packed("PK-1", "SO-1"),
        {"type": "registered", "system": "carrier", "at": AT.format(1), "package": "PK-1", "tracking": "TRK1"},
        step("carrier", "deliver-parcel", 2, refs={"tracking": ["TRK1"]}),
    ]
    account = merge(records)["orders"]["SO-1"]
    assert [one["step"] for one in account["steps"]] == ["deliver-parcel"]
    assert account["ids"] == {"package": ["PK-1"], "tracking": ["TRK1"]}


def test_the_latest_end_of_an_order_counts():
    ended = [
        step("erp", "close-order", 5, order="SO-1", outcome="cancelled"),
        step("billing", "close-order", 3, order="SO-1", outcome="completed"),
    ]
    account = merge(ended)["orders"]["SO-1"]
    assert (account["outcome"], account["start"], account["end"]) == ("cancelled", AT.format(3), AT.format(6))


def test_a_touch_needs_a_person_and_a_hand():
    person = {"actor": ["human", "dana"]}
    acts = [
        step("erp", "view-order", 1, order="SO-1", action="view", **person),
        step("shop", "receive-order", 2, order="SO-1", action="submit", **person),
        step("erp", "correct-address", 3, order="SO-1", action="edit", **person),
        step("erp", "correct-address", 4, order="SO-1", action="edit", actor=["service_for_human", "bot"]),
        step("erp", "check-price-list", 5, order="SO-1", actor=["unknown", ""]),
    ]
    account = merge(acts)["orders"]["SO-1"]
    assert (account["touches"], account["human_events"], account["unknown_events"]) == (1, 3, 1)


def test_an_approval_is_open_until_somebody_decides():
    opened = {**step("erp", "approve-order", 1, order="SO-1"), "type": "open", "actor": ["human", "dana"]}
    first = step("erp", "create-sales-document", 0, order="SO-1")
    waiting = merge([first, opened])["orders"]["SO-1"]["open"]
    holder = {"type": "human", "id": "dana"}
    assert waiting == [{"system": "erp", "step": "approve-order", "since": AT.format(1), "holder": holder}]
    assert merge([first, opened, step("erp", "approve-order", 1, order="SO-1")])["orders"]["SO-1"]["open"] == []
