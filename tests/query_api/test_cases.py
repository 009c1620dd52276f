from urllib.parse import quote

import pytest

from tests.cases import orders

CASES = f"/api/v1/flows/{orders.FLOW}/cases"


def get(api, path, **params):
    response = api.get(path, params=params or None)
    assert response.status_code == 200, response.text
    return response.json()


def address(case_id):
    return f"{CASES}/{quote(case_id, safe='')}"


def test_a_finished_case_has_its_totals(api):
    case = get(api, address("SO-1001"))
    assert case["in_flight"] is False
    assert case["outcome"] == "completed"
    assert case["duration_s"] == 7260
    assert case["value"] == {"amount": "249.90", "currency": "EUR"}
    assert case["dims"] == {"channel": "web"}
    assert case["touches"] == 1
    assert (case["events"], case["attempts"], case["retries"], case["shared_events"]) == (8, 8, 1, 3)
    assert case["failed"] == {"business": 0, "infrastructure": 1, "unclassified": 0}
    assert case["as_of"] == "2026-11-18T08:00:00Z"
    assert case["now"]["holder"] is None
    assert case["now"]["text"] == "Finished with outcome completed at billing / settle on 2026-11-16 10:01 UTC"


def test_a_case_lists_its_approvals_exceptions_and_duplicates(api):
    case = get(api, address("SO-1003"))
    [approval] = case["approvals"]
    assert (approval["step"], approval["state"], approval["requested_at"]) == (
        "approve",
        "pending",
        "2026-11-16T08:40:00Z",
    )
    assert (approval["due_at"], approval["decided_at"], approval["decision"]) == (None, None, None)
    assert (case["success"], case["due_at"], case["sla"], case["repeats"]) == (False, None, None, 0)
    assert (case["exceptions"], case["duplicates"]) == ([], [])
    assert get(api, address("SO-1001"))["success"] is True


def test_a_shared_cost_counts_by_its_share(api):
    case = get(api, address("SO-1001"))
    assert case["cost"] == [{"amount": "0.475", "currency": "EUR"}]  # 3 x 0.25 / 2 + 0.10
    assert case["retry_cost"] == [{"amount": "0.125", "currency": "EUR"}]


def test_the_ids_of_a_case_say_how_many_others_reach_them(api):
    ids = {
        (identifier["type"], identifier["value"]): identifier["shared_with"]
        for identifier in get(api, address("SO-1001"))["ids"]
    }
    assert ids == {
        ("order", "SO-1001"): 0,
        ("item", "SO-1001-1"): 0,
        ("item", "SO-1001-2"): 0,
        ("invoice", "INV-7"): 0,
        ("package", "P-1"): 1,
        ("tracking", "1Z999"): 1,
    }


def test_a_case_names_the_cases_it_shares_events_with(api):
    case = get(api, address("SO-1002"))
    assert case["shared_with_truncated"] is False
    assert case["shared_with"] == [
        {
            "flow": orders.FLOW,
            "case_id": "SO-1001",
            "events": 3,
            "ids": [{"type": "package", "value": "P-1"}, {"type": "tracking", "value": "1Z999"}],
        }
    ]


def test_an_open_approval_says_who_holds_the_case_and_since_when(api):
    now = get(api, address("SO-1003"))["now"]
    assert now == {
        "state": "in_progress",
        "step": "approve",
        "system": "erp",
        "holder": {"type": "human", "id": "dana"},
        "since": "2026-11-16T08:40:00Z",
        "failed": False,
        "text": "Waiting for human dana at erp / approve since 2026-11-16 08:40 UTC",
    }


def test_a_case_between_steps_says_where_it_was_last_seen(api):
    case = get(api, address("SO-1002"))
    assert case["in_flight"] is True
    assert case["duration_s"] == 172500  # up to as_of
    assert case["now"]["state"] == "waiting"
    assert case["now"]["holder"] == {"type": "system", "id": "carrier"}
    assert case["now"]["text"] == "Waiting between steps since 2026-11-16 09:11 UTC; last seen at carrier / label"


def test_an_id_that_ends_in_trail_is_not_the_trail_of_another(api):
    assert get(api, address("A"))["case_id"] == "A"
    assert get(api, address("A/trail"))["case_id"] == "A/trail"
    assert get(api, f"{address('A')}/trail")["case"]["case_id"] == "A"
    assert get(api, f"{address('A/trail')}/trail")["case"]["case_id"] == "A/trail"


def test_any_character_may_stand_in_a_case_id(api):
    assert get(api, address(orders.ODD_ID))["case_id"] == orders.ODD_ID
    assert get(api, f"{address(orders.ODD_ID)}/trail")["case"]["case_id"] == orders.ODD_ID


def test_a_slash_may_also_come_as_it_is(api):
    slashed = quote(orders.ODD_ID, safe="/")
    assert get(api, f"{CASES}/{slashed}")["case_id"] == orders.ODD_ID


@pytest.mark.parametrize("suffix", ["", "/trail"])
def test_an_unknown_case_is_a_problem_that_names_the_nearest(api, suffix):
    response = api.get(f"{CASES}/SO-1011{suffix}")
    assert response.status_code == 404
    assert response.json()["detail"] == f"The flow '{orders.FLOW}' has no case 'SO-1011'."
    assert "SO-1001" in response.json()["hint"]


@pytest.mark.parametrize("path", ["/cases", "/cases/SO-1001", "/cases/SO-1001/trail", "/kpis", "/kpis/retries"])
def test_an_unknown_flow_is_a_problem_that_names_the_nearest(api, path):
    response = api.get(f"/api/v1/flows/order-to-cahs{path}")
    assert response.status_code == 404
    assert response.json()["hint"] == "Did you mean order-to-cash?"


def test_the_list_pages_through_every_case_once(api):
    case_ids, cursor = [], None
    while True:
        page = get(api, CASES, limit=3, **({"cursor": cursor} if cursor else {}))
        case_ids += [case["case_id"] for case in page["cases"]]
        assert page["n"] == 7
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(case_ids) == sorted([*(f"SO-{n}" for n in (1001, 1002, 1003, 1009)), "A", "A/trail", orders.ODD_ID])


def test_the_list_narrows_to_a_window_and_a_band(api):
    page = get(api, CASES, **{"from": "2026-11-16T08:00:00Z", "to": "2026-11-16T08:30:00Z", "band": "in_flight"})
    assert [case["case_id"] for case in page["cases"]] == ["SO-1002"]


@pytest.mark.parametrize(
    "params",
    [
        {"from": "yesterday"},
        {"from": "2026-11-20", "to": "2026-11-19"},
        {"tz": "Mars/Olympus"},
        {"interval": "fortnight"},
        {"kpi": "touchless-rate", "group": "[]"},
        {"kpi": "touchless-rate", "band": "sideways"},
        {"bucket": "2026-11-16T00:00:01Z"},
        {"limit": 0},
        {"limit": 1001},
        {"cursor": "!"},
        {"cursor": "WzEsIlx1ZDgwMCJd"},  # [1,"\\ud800"]
        {"cursor": "W1tbW1tb" * 1000},
        {"cursor": "é"},
        {"group": '{"channel":"\\ud800"}'},
        {"group": "[" * 950 + "]" * 950},
        {"group": "[" * 20_000},
        {"group": '{"channel":1}'},
    ],
)
def test_an_unusable_selection_is_a_problem_with_a_hint(api, params):
    response = api.get(CASES, params=params)
    assert response.status_code == 400
    assert response.json()["type"] == "urn:flowtrail:problem:invalid"
    assert response.json()["hint"]
