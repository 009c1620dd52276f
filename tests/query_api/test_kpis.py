import pytest

from cases.kpis import DEFINITIONS
from tests.cases import orders

KPIS = f"/api/v1/flows/{orders.FLOW}/kpis"
WEEK = {"from": "2026-11-16", "to": "2026-11-23"}


def get(api, path, **params):
    response = api.get(path, params=params or None)
    assert response.status_code == 200, response.text
    return response.json()


def test_all_kpis_come_over_one_window(api):
    answer = get(api, KPIS, **WEEK, tz="Europe/Berlin", interval="day")
    assert answer["flow"] == orders.FLOW
    assert answer["window"] == {
        "from": "2026-11-15T23:00:00Z",
        "to": "2026-11-22T23:00:00Z",
        "tz": "Europe/Berlin",
        "interval": "day",
        "week_rule": "ISO 8601 (Monday)",
        "week_starts": 1,
    }
    assert [kpi["kpi"] for kpi in answer["kpis"]] == list(DEFINITIONS)
    assert all(kpi["window"] == answer["window"] for kpi in answer["kpis"])


@pytest.mark.parametrize("kpi", DEFINITIONS)
def test_a_kpi_brings_its_definition_its_n_and_what_is_in_flight(api, kpi):
    answer = get(api, f"{KPIS}/{kpi}", **WEEK)
    assert answer["kpi"] == kpi
    assert answer["definition"]["version"]
    counted = {"cases that ended in the window": 1, "cases that started in the window": 7}
    assert answer["n"] == counted.get(answer["cohort"], answer["n"])
    if answer["cohort"] in counted:
        assert answer["in_flight"]["n"] == 6
        assert answer["points"]
    assert answer["as_of"] == "2026-11-18T08:00:00Z"
    assert {point["bucket_start"] for point in answer["points"]} <= {"2026-11-16T00:00:00Z"}


def test_the_touched_order_is_not_touchless(api):
    answer = get(api, f"{KPIS}/touchless-rate", **WEEK)
    (everything,) = [point for point in answer["totals"] if point["group"] == {}]
    assert everything["values"]["touchless_rate"] == 0
    assert everything["values"]["touched_n"] == 1


@pytest.mark.parametrize("kpi", DEFINITIONS)
def test_the_list_behind_a_figure_is_the_figure(api, kpi):
    answer = get(api, f"{KPIS}/{kpi}", **WEEK)
    counting = {measure["id"]: measure["band"] for measure in answer["measures"] if measure["unit"] == "cases"}
    for point in [point for point in (*answer["totals"], *answer["points"]) if point["n"]]:
        assert listed(api, point["cases_url"]) == point["n"], point["cases_url"]
        for measure, band in counting.items():
            if point["values"][measure] is not None:
                address = f"{point['cases_url']}&band={band}"
                assert listed(api, address) == point["values"][measure], address


def listed(api, address):
    page = get(api, address)
    assert page["next"] is None
    assert page["n"] == len(page["cases"])
    return len(page["cases"])


def test_some_kpis_come_alone_and_with_the_period_before(api):
    answer = get(api, KPIS, **WEEK, only="retries, rework-rate", compare="previous")
    assert [kpi["kpi"] for kpi in answer["kpis"]] == ["retries", "rework-rate"]
    for kpi in answer["kpis"]:
        assert kpi["previous"]["window"]["from"] == "2026-11-09T00:00:00Z"
        assert kpi["previous"]["n"] == 0
    assert get(api, KPIS, **WEEK, only="retries")["kpis"][0]["previous"] is None


def test_an_answer_says_what_the_flow_does_not_declare(api):
    assert "declares no sla" in get(api, f"{KPIS}/sla-attainment", **WEEK)["notes"][0]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("", {"from": "soon"}),
        ("", {"tz": "Utopia"}),
        ("/retries", {"interval": "second"}),
        ("/errors-per-1000", {"group_by": "step"}),
        ("/retries", {"from": "2026-11-20", "to": "2026-11-20"}),
        ("/retries", {"compare": "next"}),
        ("", {"week": "someday"}),
    ],
)
def test_an_unusable_question_is_a_problem_with_a_hint(api, path, params):
    response = api.get(KPIS + path, params=params)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["hint"]


def test_an_unknown_kpi_is_a_problem_that_names_those_there_are(api):
    response = api.get(f"{KPIS}/speed")
    assert response.status_code == 404
    assert "touchless-rate" in response.json()["hint"]
