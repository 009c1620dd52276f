from urllib.parse import unquote, urlsplit

import pytest

from dashboards import urls
from tests.dashboards.fixture_trails import HOSTILE


@pytest.mark.parametrize(
    "case_id", [HOSTILE, "a/b", "a b+c", "100%", "?q=1#x", "ünï", "javascript:alert(1)", "//evil.example"]
)
def test_any_identifier_survives_the_address_of_its_trail(case_id):
    address = urls.trail("order-to-cash", case_id)
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert [unquote(word) for word in parts.path.split("/")] == ["", "trail", "order-to-cash", case_id]


@pytest.mark.parametrize("case_id", [".", "..", "..."])
def test_case_ids_that_browsers_read_as_directories_go_by_search(case_id):
    assert urls.trail("f", case_id) == f"/trail?q={case_id}"


def test_the_cases_behind_a_figure_keep_flow_and_selection():
    selection = "kpi=retries&bucket=2026-10-05T00%3A00%3A00%2B02%3A00&group=%7B%22a%22%3A%22%22%7D"
    assert urls.cases_of(f"/api/v1/flows/order%2Fto/cases?{selection}") == f"/cases/order%2Fto?{selection}"


@pytest.mark.parametrize("address", [None, "", "javascript:alert(1)", "https://evil.example/x", "/api/v1/flows/f/kpis"])
def test_what_is_no_list_of_cases_leads_nowhere(address):
    assert urls.cases_of(address) is None


def test_another_site_in_an_answer_cannot_lead_away():
    assert urls.cases_of("https://evil.example/api/v1/flows/f/cases?kpi=x") == "/cases/f?kpi=x"


def test_a_parameter_given_twice_means_its_last_value():
    assert urls.single(["a", "b"]) == "b"
    assert urls.single(None, "x") == "x"
