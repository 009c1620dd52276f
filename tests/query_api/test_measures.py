import pytest

from query_api.app import create_app
from store.client import open_store
from tests.cases import orders
from tests.cases.kpis.records import at
from tests.cases.measures.reports import HOUR, Report, insert
from tests.query_api.conftest import serving

NOW = at("2026-11-18T08:00:00")
WEEK = {"from": "2026-11-16", "to": "2026-11-23", "interval": "day"}
WEB, EDI = {"channel": "web"}, {"channel": "edi"}


@pytest.fixture(scope="module")
def measured(chdb_directory):
    """A store with measures of one flow, one of no flow, and one name that was sent in two kinds and units."""
    with chdb_directory.migrated() as url:
        store = open_store(url)
        orders.declare_flow(store, orders.TENANT)
        day = at("2026-11-16")
        insert(
            store, orders.FLOW, "backlog", "level", Report(1, day, 5, dims=WEB), Report(2, day + 1, 7, dims=EDI),
            Report(1, day + 30 * HOUR, 4, dims=WEB), unit="{order}",
        )  # fmt: skip
        insert(
            store, orders.FLOW, "cost", "delta", Report(1, day + HOUR, 0.1), Report(1, day + 2 * HOUR, 0.2), unit="EUR"
        )
        insert(store, orders.FLOW, "big", "gauge", Report(1, day, 2**60))
        insert(store, orders.FLOW, "twice", "gauge", Report(1, day, 1))
        insert(store, orders.FLOW, "twice", "delta", Report(2, day, 2), unit="s")
        insert(store, "", "cpu/load", "gauge", Report(1, day, 0.5))
        insert(store, orders.FLOW, "secret", "gauge", Report(1, day, 1), tenant="somebody else")
        with serving(create_app(store, clock=lambda: orders.AS_OF)) as client:
            yield client
        store.close()


def get(client, path, status=200, **params):
    response = client.get(f"/api/v1/flows/{path}", params=params)
    assert response.status_code == status, response.text
    return response.json()


def test_measures_are_listed_with_kind_unit_dimensions_and_latest_value(measured):
    answer = get(measured, f"{orders.FLOW}/measures")
    assert answer["flow"] == orders.FLOW
    assert answer["measures"][0] == {
        "measure": "backlog", "kind": "level", "unit": "{order}", "dims": ["channel"],
        "aggregations": ["last", "min", "max"], "series": 2, "first_time": "2026-11-16T00:00:00Z",
        "last_time": "2026-11-17T06:00:00Z", "last_value": 4,
    }  # fmt: skip
    assert [(listed["measure"], listed["kind"]) for listed in answer["measures"]][1:] == [
        ("big", "gauge"),
        ("cost", "delta"),
        ("twice", "delta"),
        ("twice", "gauge"),
    ]
    assert answer["measures"][1]["last_value"] == str(2**60)


def test_measures_of_no_flow_are_listed_under_a_dash_and_a_slash_in_a_name_is_encoded(measured):
    assert [listed["measure"] for listed in get(measured, "-/measures")["measures"]] == ["cpu/load"]
    assert get(measured, "-/measures/cpu%2Fload", **WEEK)["totals"][0]["value"] == 0.5


def test_one_measure_is_answered_per_bucket_and_group_with_its_definition(measured):
    answer = get(measured, f"{orders.FLOW}/measures/backlog", **WEEK, group_by="channel")
    assert (answer["kind"], answer["agg"], answer["unit"], answer["n"], answer["series"]) == (
        "level",
        "last",
        "{order}",
        3,
        2,
    )
    assert answer["definition"]["version"] == "1"
    assert "added up over the series" in answer["definition"]["text"]
    assert [(point["group"], point["value"]) for point in answer["totals"]] == [
        ({}, 11),
        ({"channel": "edi"}, 7),
        ({"channel": "web"}, 4),
    ]
    days = [(point["bucket"][:10], point["value"], point["n"]) for point in answer["points"] if point["group"] == WEB]
    assert days[:3] == [("2026-11-16", 5, 1), ("2026-11-17", 4, 1), ("2026-11-18", None, 0)]
    assert len(days) == 7


def test_a_sum_of_decimals_is_exact(measured):
    answer = get(measured, f"{orders.FLOW}/measures/cost", **WEEK)
    assert answer["totals"][0]["value"] == 0.3
    assert answer["agg"] == "sum"


def test_a_number_beyond_a_double_is_text(measured):
    assert get(measured, f"{orders.FLOW}/measures/big", **WEEK)["totals"][0]["value"] == str(2**60)


def test_a_name_sent_in_two_ways_must_be_chosen_from(measured):
    problem = get(measured, f"{orders.FLOW}/measures/twice", 400, **WEEK)
    assert problem["hint"] == "Choose one of: kind=delta&unit=s, kind=gauge&unit=."
    assert get(measured, f"{orders.FLOW}/measures/twice", kind="gauge", **WEEK)["totals"][0]["value"] == 1
    assert get(measured, f"{orders.FLOW}/measures/twice", unit="s", **WEEK)["totals"][0]["value"] == 2
    assert "not sent with this" in get(measured, f"{orders.FLOW}/measures/twice", 404, kind="level")["detail"]


@pytest.mark.parametrize(
    ("path", "params", "status", "word"),
    [
        ("nothing/measures", {}, 404, "There is no flow 'nothing'"),
        (f"{orders.FLOW}/measures/backlogg", {}, 404, "Did you mean backlog?"),
        (f"{orders.FLOW}/measures/secret", {}, 404, "no measure"),
        (f"{orders.FLOW}/measures/cost", {"agg": "avg"}, 400, "Use one of: sum."),
        (f"{orders.FLOW}/measures/backlog", {"group_by": "colour"}, 400, "Use one of: channel."),
        (f"{orders.FLOW}/measures/cost", {"group_by": "channel"}, 400, "leave group_by out"),
        (f"{orders.FLOW}/measures/cost", {"tz": "Mars/Olympus"}, 400, "IANA"),
        (f"{orders.FLOW}/measures/cost", {"interval": "year"}, 400, "interval=year"),
        ("-/measures/nothing", {}, 404, "lists those there are"),
    ],
)
def test_what_has_no_meaning_is_refused_with_what_to_write_instead(measured, path, params, status, word):
    problem = get(measured, path, status, **params)
    assert word in f"{problem['detail']} {problem['hint']}"


def test_a_flow_without_measures_has_an_empty_list(api):
    assert get(api, f"{orders.FLOW}/measures")["measures"] == []
    assert get(api, "-/measures")["measures"] == []


def test_over_http_the_store_gives_the_same_answers(migrated_clickhouse_url):
    store = open_store(migrated_clickhouse_url)
    day = at("2026-11-16")
    insert(store, "f", "made", "counter", Report(1, day + HOUR, 5, day), Report(1, day + 2 * HOUR, 8, day))
    insert(store, "f", "level", "level", Report(1, day, 5), Report(2, day, 0.5))
    with serving(create_app(store, clock=lambda: orders.AS_OF)) as client:
        assert get(client, "f/measures/made", **WEEK)["totals"][0]["value"] == 8
        assert get(client, "f/measures/level", **WEEK)["totals"][0]["value"] == 5.5
    store.close()
