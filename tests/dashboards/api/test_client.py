import socket

import pytest

from dashboards.api.client import Api
from dashboards.api.errors import ApiProblem, ApiUnavailable, ApiUnreadable
from tests.dashboards.fixture_trails import HOSTILE


@pytest.fixture
def api(fixture_api):
    client = Api(fixture_api.url)
    yield client
    client.close()


def test_a_trail_is_fetched_under_any_case_id(api):
    assert api.trail("order-to-cash", HOSTILE)["case"]["case_id"] == HOSTILE


def test_the_selection_of_a_figure_reaches_the_api_as_it_is(api, fixture_api, api_mode):
    api.cases("order-to-cash", {"kpi": "retries", "group": '{"step":"pack"}'})
    assert fixture_api.requests == ["/api/v1/flows/order-to-cash/cases?kpi=retries&group=%7B%22step%22%3A%22pack%22%7D"]


def test_a_refusal_carries_title_detail_and_hint(api, api_mode):
    api_mode("refusing")
    with pytest.raises(ApiProblem) as caught:
        api.flows()
    error = caught.value
    assert (error.title, error.status) == ("Unknown time zone", 400)
    assert error.detail == "'Mars/Olympus' is no IANA zone"
    assert error.hint == "Use a name such as UTC."


def test_an_unknown_case_is_a_refusal(api):
    with pytest.raises(ApiProblem) as caught:
        api.trail("order-to-cash", "nobody")
    assert caught.value.status == 404


def test_a_store_that_is_down_is_worth_another_try(api, api_mode):
    api_mode("down")
    with pytest.raises(ApiUnavailable) as caught:
        api.search("SO-1")
    assert caught.value.title == "The store cannot be reached"


def test_an_api_that_does_not_run_is_worth_another_try():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = Api(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(ApiUnavailable, match="cannot be reached"):
            client.flows()


def test_an_api_that_is_silent_is_worth_another_try():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Api(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.05)
        with pytest.raises(ApiUnavailable, match="in time"):
            client.flows()


def test_something_else_under_the_address_is_named(api, api_mode):
    api_mode("broken")
    with pytest.raises(ApiUnreadable, match="text/html"):
        api.flows()
