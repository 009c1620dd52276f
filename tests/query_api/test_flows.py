from tests.cases import orders


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
        "segments": ["channel"],
        "declared": True,
        "cases": 7,
        "in_flight": 6,
        "first_start": "2026-11-16T08:00:00Z",
        "last_event": "2026-11-16T11:23:00Z",
    }
