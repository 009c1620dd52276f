"""What the server of the pages answers over HTTP, against the fixture API: texts, links and requests to the API."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.dashboards import answered
from tests.dashboards.fixture_trails import AS_OF, z


def test_several_hits_and_beginnings_are_listed(site):
    hits = answered.page(site, "/trail?q=P-7731")
    assert hits.words.startswith("2 cases have the identifier P-7731")
    assert hits.links["SO-10431"] == "/trail/order-to-cash/SO-10431"
    near = answered.page(site, "/trail?q=SO-104")
    assert "begins with SO-104" in near.words
    assert "SO-10427" in near.links


def test_nothing_found_says_what_was_searched_and_what_to_try(site):
    words = answered.page(site, "/trail?q=nothing-like-it").words
    assert words.startswith("No case found for nothing-like-it")
    assert "all other identifiers of events" in words
    assert "Upper and lower case are the same." in words


def test_a_trail_is_drawn_as_one_component_and_asks_again_while_the_case_is_in_flight(site):
    assert answered.page(site, "/trail/order-to-cash/SO-10427").kinds == ["StaticMarkup"]
    in_flight = answered.page(site, "/trail/order-to-cash/SO-10431")
    assert in_flight.kinds == ["Div", "StaticMarkup", "Interval"]
    assert in_flight.props["again"]["interval"] == 10_000
    assert "since Fri 20 Nov 2026, 10:02:17 CET, for 2 d 6 h" in in_flight.words


def test_a_trail_lists_its_sla_exceptions_approvals_and_duplicates(site):
    words = answered.page(site, "/trail/order-to-cash/SO-10427").words
    listed = words[words.index("Needs attention") :]
    places = [listed.index(word) for word in ("breached", "recovered", "decided late", "duplicate")]
    assert places == sorted(places)
    assert "Optional and left out: refund." in words


def test_a_flow_page_shows_the_declaration_the_findings_and_the_hubs(site):
    assert answered.page(site, "/flows").links["order-to-cash"] == "/flows/order-to-cash"
    words = answered.page(site, "/flows/order-to-cash").words
    assert "No event leads from order to invoice." in words
    assert "4 h, then escalates to head of finance" in words
    assert "412 identifiers" in words
    assert "flowtrail flows infer elsewhere" in answered.page(site, "/flows/elsewhere").words


def test_a_card_states_its_definition_and_its_n(site):
    flow = answered.section(site, "flow")
    assert flow.kinds == ["StaticMarkup"]
    assert "in flight 318, oldest 21 d 2 h unknown actor 21 cases" in flow.words
    assert "rejected" in flow.words
    assert "How touched is counted." in flow.words
    assert "The flow declares no touchless target" in answered.section(site, "adoption").words


def test_cells_lead_to_the_cases_they_are_about(site):
    page = answered.section(site, "quality")
    bands = {parse_qs(urlsplit(href).query).get("band", [""])[0] for href in page.links.values()}
    assert {"business", "infrastructure"} <= bands
    cases = answered.page(site, "/cases/order-to-cash?kpi=errors-per-1000&band=business")
    assert "only with a business error" in cases.words


def test_a_figure_that_is_not_split_by_the_segment_says_so(site, fixture_api, api_mode):
    page = answered.section(site, "flow", group_by="outcome", as_of=z(AS_OF))
    assert page.words.count("Not split by outcome") == 1
    queries = [parse_qs(urlsplit(path).query) for path in fixture_api.requests if "/kpis" in path]
    assert queries[-1]["as_of"] == [z(AS_OF)]


def test_every_section_is_as_of_the_instant_of_the_headlines(site):
    assert answered.page(site, "/business").props["chosen"]["data"]["as_of"] == z(AS_OF)


@pytest.mark.parametrize("address", ["/", "/business"])
def test_without_data_the_pages_say_how_to_send_some(site, api_mode, address):
    api_mode("empty")
    words = answered.page(site, address).words
    assert words.startswith("No cases yet")
    assert "make demo" in words
    assert "http://127.0.0.1:4318" in words


def test_a_flow_without_finished_cases_says_when_figures_will_appear(site, api_mode):
    api_mode("unfinished")
    words = answered.page(site, "/business").words
    assert "No case of this flow has ended in this window" in words
    assert "318 cases in flight." in words


@pytest.mark.parametrize("address", ["/trail?q=SO-1", "/business", "/cases/order-to-cash", "/flows", "/flows/one"])
def test_while_the_store_is_down_every_page_says_so_and_asks_again(site, api_mode, address):
    api_mode("down")
    page = answered.page(site, address)
    assert "The store cannot be reached" in page.words
    assert "Is ClickHouse running?" in page.words
    assert page.props["again"]["interval"] == 5_000


def test_a_refusal_shows_title_detail_and_hint(site, api_mode):
    api_mode("refusing")
    words = answered.page(site, "/cases/order-to-cash?tz=Mars/Olympus").words
    for text in ("Unknown time zone", "'Mars/Olympus' is no IANA zone", "Use a name such as UTC."):
        assert text in words


def test_an_address_that_leads_nowhere_says_so(site):
    assert answered.page(site, "/no/such/page").words.startswith("Page not found")


def test_without_log_records_the_page_says_how_they_come(site):
    page = answered.page(site, "/trail/order-to-cash/SO-1")
    assert "No log records." in page.words
    assert not [text for text in page.links if text.startswith(("All", "Warnings"))]


def test_more_log_records_than_a_page_holds_are_counted_and_can_be_paged_through(site):
    first = answered.page(site, "/trail/order-to-cash/SO-77")
    assert _lines(first) == (100, "0")
    assert "130 log records before or after these are not shown." in first.words
    second = answered.page(site, first.links["Next log records"])
    assert _lines(second) == (100, "100")
    third = answered.page(site, second.links["Next log records"])
    assert _lines(third) == (30, "200")
    assert third.links["First log records"].endswith("/SO-77")


def _lines(page):
    """The number of listed records, and of the first. Each text is on the page twice: in its line, and opened."""
    numbers = re.findall(r"line (\d+) read", page.words)
    return len(set(numbers)), numbers[0]


def test_scripts_from_elsewhere_are_forbidden(site):
    policy = httpx.get(site).headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "'unsafe-inline'" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "http" not in scripts
