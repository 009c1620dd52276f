"""The pages in a real browser, against the fixture API."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect

from dashboards.sections import SECTIONS
from tests.dashboards.fixture_kpis import TITLES
from tests.dashboards.fixture_trails import AS_OF, HOSTILE, z
from tests.dashboards.opened import open_section


def find(page, text):
    page.get_by_label("Find an order by any identifier").fill(text)
    page.keyboard.press("Enter")


def heading(page):
    return page.get_by_role("heading", level=1)


def test_an_exact_hit_opens_at_once(page):
    page.goto("/")
    expect(heading(page)).to_have_text("Follow an order")
    find(page, "INV-2026-88120")
    expect(heading(page)).to_have_text("SO-10427")
    expect(page.get_by_role("region", name="Where the case is now")).to_contain_text("completed")


def test_several_hits_are_listed_and_lead_to_their_trails(page):
    page.goto("/")
    find(page, "P-7731")
    expect(heading(page)).to_have_text("2 cases carry P-7731")
    page.get_by_role("link", name="SO-10431").click()
    expect(heading(page)).to_have_text("SO-10431")
    expect(page).to_have_url(re.compile("/trail/order-to-cash/SO-10431$"))


def test_beginnings_of_identifiers_are_suggested(page):
    page.goto("/trail?q=SO-104")
    expect(heading(page)).to_contain_text("begins with SO-104")
    expect(page.get_by_role("link", name="SO-10427")).to_be_visible()


def test_nothing_found_says_what_was_searched_and_what_to_try(page):
    page.goto("/trail?q=nothing-like-it")
    expect(heading(page)).to_have_text("Nothing found for nothing-like-it")
    expect(page.get_by_text("every other identifier that events carry")).to_be_visible()
    expect(page.get_by_text("Letter case, blanks and quotes around it")).to_be_visible()


def test_a_trail_says_where_it_is_who_holds_it_and_since_when_in_local_time(page):
    page.goto("/trail/order-to-cash/SO-10431")
    banner = page.get_by_role("region", name="Where the case is now")
    expect(banner).to_contain_text("Held by human dana@finance, approve-order at erp")
    expect(banner).to_contain_text("since Fri 20 Nov 2026, 10:02:17 CET, for 2 d 6 h")


def test_a_row_opens_its_details_and_links_to_the_orders_that_share_it(page):
    page.goto("/trail/order-to-cash/SO-10427")
    page.locator("#event-8 > summary").click()
    details = page.locator("#event-8 .event-details")
    expect(details).to_contain_text("infrastructure: timeout")
    expect(details).to_contain_text("This case's part0.116667 EUR")
    expect(details.get_by_role("link", name="SO-10428")).to_have_attribute("href", "/trail/order-to-cash/SO-10428")


def test_a_click_on_a_mark_opens_its_row(page):
    page.goto("/trail/order-to-cash/SO-10427")
    page.locator("#timeline .scatterlayer .point").first.wait_for()
    page.locator("#timeline text", has_text=re.compile("^8$")).scroll_into_view_if_needed()
    mark = page.locator("#timeline text", has_text=re.compile("^8$")).bounding_box()
    page.mouse.move(mark["x"] + 2, mark["y"] + 2)
    page.locator("#timeline .hoverlayer text").first.wait_for()
    page.mouse.click(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    expect(page.locator("#event-8")).to_have_attribute("open", "")


def test_scale_and_plain_spans_are_part_of_the_address(page):
    page.goto("/trail/order-to-cash/SO-10427")
    page.get_by_role("link", name="Show 1 plain span").click()
    expect(page.locator(".events")).to_contain_text("POST /orders")
    page.get_by_role("link", name="Time", exact=True).click()
    expect(page).to_have_url(re.compile(r"scale=time&plain=1$"))
    page.reload()
    expect(page.locator(".events")).to_contain_text("POST /orders")


def test_the_back_button_goes_the_way_back(page):
    page.goto("/")
    find(page, "SO-10427")
    expect(heading(page)).to_have_text("SO-10427")
    page.get_by_role("link", name="SO-10431").first.click()
    expect(heading(page)).to_have_text("SO-10431")
    page.get_by_role("link", name="Business").click()
    expect(heading(page)).to_have_text("Business")
    page.go_back()
    expect(heading(page)).to_have_text("SO-10431")
    page.go_back()
    expect(heading(page)).to_have_text("SO-10427")
    page.go_back()
    expect(heading(page)).to_have_text("Follow an order")


def test_a_case_in_flight_is_drawn_again_by_itself(hasty_page, fixture_api, api_mode):
    hasty_page.goto("/trail/order-to-cash/SO-10431")
    expect(heading(hasty_page)).to_have_text("SO-10431")
    asked = trails_asked(fixture_api)
    with hasty_page.expect_response(lambda response: "_pages_content" in (response.request.post_data or "")):
        hasty_page.clock.fast_forward(11_000)
    expect(heading(hasty_page)).to_have_text("SO-10431")
    assert trails_asked(fixture_api) == asked + 1


def trails_asked(api):
    return sum("/trail" in path for path in api.asked)


def test_a_trail_tells_exceptions_approvals_and_time_limit_and_leads_to_the_event(page):
    page.goto("/trail/order-to-cash/SO-10427")
    facts = page.get_by_label("Exceptions, approvals and time limit").get_by_role("listitem")
    for line, words in enumerate(("breached", "recovered", "recovered", "decided late", "duplicate")):
        expect(facts.nth(line)).to_contain_text(words)
    facts.nth(2).get_by_role("link", name="book-carrier").click()
    expect(page.locator("#event-9")).to_have_attribute("open", "")
    expect(page.get_by_text("Left out, which is fine: refund.")).to_be_visible()


def test_a_flow_page_tells_what_is_declared_and_what_does_not_fit(page):
    page.goto("/flows")
    page.get_by_role("link", name="order-to-cash").click()
    expect(heading(page)).to_have_text("order-to-cash")
    expect(page.locator(".findings li").first).to_contain_text("No event leads from order to invoice.")
    expect(page.get_by_role("img", name="order leads to item")).to_be_visible()
    expect(page.get_by_label("Steps")).to_contain_text("4 h, then to head of finance")
    expect(page.get_by_label("Identifiers that join too much")).to_contain_text("412 identifiers")
    assert page.evaluate("window.hacked") is None
    page.goto("/flows/elsewhere")
    expect(page.get_by_text("flowtrail flows infer elsewhere")).to_be_visible()


def test_the_cases_behind_a_figure_can_be_downloaded(page):
    page.goto("/cases/order-to-cash?kpi=retries&band=wasted")
    with page.expect_download() as caught:
        page.get_by_role("link", name="CSV").click()
    assert caught.value.suggested_filename == "cases.csv"
    assert "band=wasted" in caught.value.path().read_text()


def test_hostile_identifiers_are_only_text(page):
    page.goto(f"/trail/order-to-cash/{quote(HOSTILE, safe='')}?plain=1")
    expect(heading(page)).to_have_text(HOSTILE)
    page.locator("#event-1 > summary").click()
    page.locator("#timeline .scatterlayer .point").first.wait_for()
    find(page, HOSTILE)
    expect(heading(page)).to_have_text(HOSTILE)
    page.goto("/cases/order-to-cash")
    page.get_by_role("link", name=HOSTILE).click()
    expect(heading(page)).to_have_text(HOSTILE)
    assert page.evaluate("window.hacked") is None
    assert page.locator("#main img, #main script").count() == 0
    hrefs = page.locator("a").evaluate_all("links => links.map(link => link.href)")
    assert all(href.startswith("http://127.0.0.1:") for href in hrefs)


def test_scripts_from_elsewhere_are_forbidden(page):
    policy = page.goto("/").headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "'unsafe-inline'" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "http" not in scripts


def test_business_shows_headlines_with_their_change_and_then_every_kpi(page):
    page.goto("/business")
    tile = page.locator("#tile-touchless-rate")
    expect(tile).to_contain_text("up 5.0 points from 57.4 %, better")
    expect(tile.get_by_role("link", name="1,421 cases, 318 in flight")).to_have_attribute(
        "href", re.compile("^/cases/")
    )
    expect(page.locator(".tile")).to_have_count(6)
    expect(page.locator(".page-head")).to_contain_text("Changes are against 17 Aug 2026 to 05 Oct 2026.")
    for name, section in SECTIONS.items():
        place = open_section(page, name)
        expect(place.locator(".kpi h3")).to_have_text([TITLES[kpi] for kpi in section.kpis])
    expect(page.locator("#kpi-onboarding")).to_contain_text("The flow declares no touchless target")


def test_a_card_states_its_definition_and_its_n(page):
    page.goto("/business")
    touchless = page.locator("#kpi-touchless-rate")
    expect(touchless.locator(".counts")).to_contain_text("in flight318, oldest 21 d 2 h")
    expect(touchless.locator(".counts")).to_contain_text("unknown actor21 cases")
    expect(touchless.locator(".headlines")).to_contain_text("rejected")
    touchless.get_by_text("Definition", exact=True).click()
    expect(touchless.get_by_text("How touched is counted.")).to_be_visible()


def test_a_changed_control_becomes_the_address(page):
    page.goto("/business")
    page.locator("#filter-group_by").click()
    page.get_by_role("option", name="channel").click()
    expect(page).to_have_url(re.compile(r"/business\?group_by=channel$"))
    expect(page.locator("#kpi-time-to-fulfil").get_by_text("edi", exact=True).first).to_be_visible()
    page.locator("#filter-from").click()
    page.locator(".dash-datepicker-calendar-wrapper td", has_text=re.compile("^12$")).click()
    expect(page).to_have_url(re.compile(r"group_by=channel&from=2026-10-12$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/business\?group_by=channel$"))
    page.go_back()
    expect(page.locator("#filter-group_by")).to_contain_text("all cases")


def test_a_figure_that_is_not_split_by_the_segment_says_so(page, fixture_api):
    page.goto("/business?group_by=outcome")
    expect(page.locator("#kpi-time-to-fulfil")).to_contain_text("Not split by outcome")
    expect(page.locator("#kpi-touchless-rate")).to_contain_text("completed")
    expect(page.locator("#flow").get_by_text("Not split by")).to_have_count(1)
    asked = [parse_qs(urlsplit(path).query) for path in fixture_api.asked if "/kpis" in path]
    section = next(query for query in asked if "automated-events" in query["only"][0])
    assert section["as_of"] == [z(AS_OF)], "every section must be as of the same instant"


def test_a_choice_that_is_refused_leaves_the_controls_to_choose_again(page, api_mode):
    api_mode("too many groups")
    page.goto("/business?group_by=customer")
    expect(page.get_by_role("alert").first).to_contain_text("There are 501 groups")
    expect(page.locator("#filter-group_by")).to_contain_text("customer")


def test_opening_business_leaves_the_address_as_it_was(page):
    page.goto("/business?tz=Europe%2FBerlin")
    expect(page.get_by_text("00:00 CEST up to")).to_be_visible()
    open_section(page, "money").locator("#kpi-retries .point").first.wait_for()
    expect(page).to_have_url(re.compile(r"/business\?tz=Europe%2FBerlin$"))


def test_a_click_on_a_point_opens_its_cases(page):
    page.goto("/business")
    bar = open_section(page, "money").locator("#kpi-retries .point path").first
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.locator("#kpi-retries .hoverlayer text").first.wait_for()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(heading(page)).to_have_text("Cases of order-to-cash")
    query = parse_qs(urlsplit(page.url).query)
    assert query["kpi"] == ["retries"]
    assert "bucket" in query
    page.go_back()
    expect(heading(page)).to_have_text("Business")


def test_a_table_cell_and_a_headline_open_their_cases(page):
    page.goto("/business")
    expect(page.locator("#kpi-touchless-rate .headlines a").first).to_have_attribute("href", re.compile("^/cases/"))
    page.locator("#kpi-touchless-rate").get_by_text("Table of the whole window").click()
    page.locator("#kpi-touchless-rate tbody tr").nth(1).get_by_role("link").first.click()
    expect(page.get_by_label("Selection")).to_contain_text("outcome completed")
    page.go_back()
    errors = open_section(page, "quality").locator("#kpi-errors-per-1000")
    errors.get_by_text("Table of the whole window").click()
    errors.locator("tbody tr").first.get_by_role("link").nth(3).click()
    expect(page.get_by_label("Selection")).to_contain_text("only with a business error")


@pytest.mark.parametrize("address", ["/", "/business"])
def test_without_data_the_pages_say_how_to_send_some(page, api_mode, address):
    api_mode("empty")
    page.goto(address)
    expect(heading(page)).to_have_text("No orders yet")
    expect(page.get_by_text("make demo")).to_be_visible()
    expect(page.get_by_text("http://127.0.0.1:4318", exact=True)).to_be_visible()


def test_a_flow_without_finished_cases_says_when_figures_will_appear(page, api_mode):
    api_mode("unfinished")
    page.goto("/business")
    expect(page.get_by_text("No case of this flow has finished in this window")).to_be_visible()
    expect(page.get_by_text("318 cases in flight.")).to_be_visible()


@pytest.mark.parametrize("address", ["/trail?q=SO-1", "/business", "/cases/order-to-cash"])
def test_while_the_store_is_down_pages_say_so_and_come_back_by_themselves(hasty_page, api_mode, address):
    api_mode("down")
    hasty_page.goto(address)
    alert = hasty_page.get_by_role("alert")
    expect(alert).to_contain_text("The store cannot be reached")
    expect(alert).to_contain_text("Is ClickHouse running?")
    api_mode("normal")
    hasty_page.clock.fast_forward(6_000)
    expect(alert).to_have_count(0)
    expect(heading(hasty_page)).to_be_visible()


def test_a_refusal_shows_title_detail_and_hint(page, api_mode):
    api_mode("refusing")
    page.goto("/cases/order-to-cash?tz=Mars/Olympus")
    expect(page.get_by_role("alert")).to_contain_text("Unknown time zone")
    expect(page.get_by_role("alert")).to_contain_text("'Mars/Olympus' is no IANA zone")
    expect(page.get_by_role("alert")).to_contain_text("Use a name such as UTC.")


def test_an_address_that_leads_nowhere_says_so(page):
    page.goto("/no/such/page")
    expect(heading(page)).to_have_text("There is no such page")


@pytest.mark.parametrize(
    "address",
    ["/trail/order-to-cash/SO-10427", "/business?group_by=channel", "/cases/order-to-cash", "/flows/order-to-cash"],
)
def test_no_page_is_wider_than_the_window(page, address):
    page.goto(address)
    expect(heading(page)).to_be_visible()
    for width in (390, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator("html")).to_have_js_property(
            "scrollWidth", page.evaluate("document.documentElement.clientWidth")
        )
