from cases.flows.declarations import declare, parse_declaration
from query_api.app import create_app
from tests.cases import orders
from tests.cases.conftest import world
from tests.cases.orders import Wire, trace_of
from tests.query_api.conftest import serving

__all__ = ["world"]


def test_flows_are_listed_whether_declared_or_only_seen(api):
    response = api.get("/api/v1/flows")
    assert response.status_code == 200
    claim, order = response.json()["flows"]
    assert (claim["name"], claim["declared"], claim["lead"], claim["paths"]) == ("claim", False, None, [])
    assert (claim["cases"], claim["in_flight"]) == (1, 1)
    assert order == {
        "name": orders.FLOW,
        "versions": ["1"],
        "lead": "order",
        "paths": ["order > item", "item > package", "package > tracking", "order > invoice"],
        "dimensions": [],
        "segments": ["channel"],
        "declared": True,
        "cases": 7,
        "in_flight": 6,
        "first_start": "2026-11-16T08:00:00Z",
        "last_event": "2026-11-16T11:23:00Z",
    }


def test_a_declared_flow_shows_its_declaration_and_where_it_disagrees(api):
    flow = api.get(f"/api/v1/flows/{orders.FLOW}").json()
    assert (flow["lead"], flow["cases"], flow["version"], flow["hub_limit"]) == ("order", 7, "1", 100)
    assert (flow["sla_s"], flow["owner"], flow["routing"], flow["steps"]) == (None, None, None, [])
    assert flow["calendar"] == {"time_zone": "UTC", "week_starts": 1, "business_hours": {}, "holidays": []}
    assert flow["findings"] == []


def test_a_flow_that_is_only_seen_has_no_declaration(api):
    flow = api.get("/api/v1/flows/claim").json()
    assert (flow["declared"], flow["calendar"], flow["findings"], flow["hub_limit"]) == (False, None, [], None)


def test_what_a_declaration_says_and_nobody_does_is_found(world, app):
    document = {
        "flow": orders.FLOW,
        "lead": "order",
        "paths": ["order > item > package", "order > invoice"],
        "owner": {"name": "Order desk"},
        "steps": {
            "capture": {"touches": [], "price": {"per_attempt": "0.50", "currency": "EUR"}},
            "bok": {"kind": "approval", "timeout": "4h"},
        },
        "outcomes": {"completed": "success", "rejected": "failure"},
        "dimensions": ["chanel"],
        "routing": {"dimension": "chanel", "automated": ["auto"], "manual": ["manual"]},
        "sla": "5d",
        "hub_limit": 2,
    }
    declare(world.store, world.tenant, [parse_declaration(document, "x")])
    wire = Wire()
    for number in range(3):
        case, trace = f"SO-{number}", trace_of(f"findings {number}")
        wire.step("shop", "capture", number, trace=trace, case=case, refs={"item": "I-1"}, channel="web")
        wire.step("erp", "book", 5 + number, trace=trace, case=case, outcome="shipped")
    wire.send(world)

    with serving(create_app(world.store, authenticate=lambda *_: world.tenant)) as own:
        flow = own.get(f"/api/v1/flows/{orders.FLOW}").json()
        assert own.get(f"/api/v1/flows/{orders.FLOW}", params={"findings": False}).json() == {**flow, "findings": []}
        hubs = own.get(f"/api/v1/flows/{orders.FLOW}/hubs").json()["hubs"]
        assert own.get("/api/v1/flows/nothing/hubs").status_code == 404
    assert [(finding["kind"], finding["subject"]) for finding in flow["findings"]] == [
        ("unused-path", "item > package"),
        ("unused-path", "order > invoice"),
        ("unseen-step", "bok"),
        ("undeclared-step", "book"),
        ("unseen-dimension", "chanel"),
        ("undeclared-dimension", "channel"),
        ("undeclared-outcome", "shipped"),
        ("hub", "item I-1"),
    ]
    assert flow["findings"][2]["text"] == "No case has taken the step bok. Did you mean book?"
    assert (flow["owner"], flow["sla_s"], flow["pending"]) == ({"name": "Order desk", "contact": ""}, 432_000, "paths")
    capture, bok = flow["steps"]
    assert (capture["touches"], capture["price_per_attempt"], capture["currency"]) == ([], "0.50", "EUR")
    assert (bok["timeout_s"], bok["touches"], bok["escalate_to"]) == (14_400, None, None)
    assert [(hub["type"], hub["value"], hub["sources"]) for hub in hubs] == [("item", "I-1", 3)]


def test_a_first_declaration_is_inferred(api):
    inferred = api.get("/api/v1/flows/claim/inferred").json()
    assert (inferred["flow"], inferred["cases"], inferred["sampled"]) == ("claim", 1, 1)
    assert "flow: claim\n" in inferred["yaml"]


def test_a_flow_that_is_not_there_names_the_nearest(api):
    for path in ("", "/inferred", "/hubs"):
        response = api.get(f"/api/v1/flows/order-to-csh{path}")
        assert (response.status_code, response.json()["hint"]) == (404, f"Did you mean {orders.FLOW}?")
