"""The pages in a real browser, against the fixture API: what only a browser can show."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.dashboards.fixture_trails import HOSTILE, TOKEN


def find(page, text):
    page.get_by_label("Find a case by any identifier").fill(text)
    page.keyboard.press("Enter")


def heading(page):
    return page.get_by_role("heading", level=1)


def records(page):
    return page.locator(".log")


def test_any_identifier_leads_to_its_trail_and_the_back_button_goes_the_way_back(page):
    page.goto("/")
    expect(heading(page)).to_have_text("Find a case")
    find(page, "INV-2026-88120")
    expect(heading(page)).to_have_text("SO-10427")
    expect(page.get_by_role("region", name="Where the case is now")).to_contain_text("completed")
    find(page, "P-7731")
    expect(heading(page)).to_have_text("2 cases have the identifier P-7731")
    page.get_by_role("link", name="SO-10431").click()
    expect(heading(page)).to_have_text("SO-10431")
    expect(page).to_have_url(re.compile("/trail/order-to-cash/SO-10431$"))
    page.get_by_role("link", name="Business").click()
    expect(heading(page)).to_have_text("Business")
    for before in ("SO-10431", "2 cases have the identifier P-7731", "SO-10427", "Find a case"):
        page.go_back()
        expect(heading(page)).to_have_text(before)


def test_a_case_in_flight_says_since_when_in_local_time_and_is_drawn_again_by_itself(hasty_page, fixture_api, api_mode):
    hasty_page.goto("/trail/order-to-cash/SO-10431")
    banner = hasty_page.get_by_role("region", name="Where the case is now")
    expect(banner).to_contain_text("since Fri 20 Nov 2026, 10:02:17 CET, for 2 d 6 h")
    hasty_page.locator("#event-1 > summary").click()
    before = trails_requested(fixture_api)
    for _ in range(2):  # The first may have been on its way.
        hasty_page.wait_for_event("response", lambda answer: "_pages_content" in (answer.request.post_data or ""))
    assert trails_requested(fixture_api) > before
    expect(banner).to_contain_text("Held by human dana@finance, approve-order at erp")
    expect(hasty_page.locator("#event-1")).to_have_attribute("open", "")


def trails_requested(api):
    return sum("/trail" in path for path in api.requests)


def test_rows_marks_and_facts_of_a_trail_open_the_event_and_its_log_records(page):
    page.goto("/trail/order-to-cash/SO-10427")
    page.locator("#event-8 > summary").click()
    details = page.locator("#event-8 .event-details")
    expect(details).to_contain_text("infrastructure: timeout")
    expect(details).to_contain_text("This case's share0.116667 EUR")
    expect(details.get_by_role("link", name="SO-10428")).to_have_attribute("href", "/trail/order-to-cash/SO-10428")
    page.locator("#event-8 > summary").click()
    expect(details).not_to_be_visible()

    page.locator("#timeline .scatterlayer .point").first.wait_for()
    number = page.locator("#timeline text", has_text=re.compile("^8$"))
    number.scroll_into_view_if_needed()
    mark = number.bounding_box()
    page.mouse.move(mark["x"] + 2, mark["y"] + 2)
    page.locator("#timeline .hoverlayer text").first.wait_for()
    page.mouse.click(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    expect(page.locator("#event-8")).to_have_attribute("open", "")

    facts = page.get_by_label("Exceptions, approvals and SLA").get_by_role("listitem")
    facts.nth(2).get_by_role("link", name="book-carrier").click()
    expect(page.locator("#event-9")).to_have_attribute("open", "")

    expect(page.locator("#event-7 + .log-below, #event-6 + .log-below").first).to_contain_text("Shelf 14")
    warning = page.locator(".log-warn")
    expect(warning.locator(".severity")).to_have_text("warn")
    expect(warning.locator(".log-body")).not_to_be_visible()
    warning.locator("summary").click()
    expect(warning.locator(".log-body")).to_contain_text("A long line of a long text.")
    expect(warning).to_contain_text("is in a trace of this case")
    expect(warning).to_contain_text("code.function")
    mail = page.locator(".log", has_text="Customer was told of the delay")
    expect(mail).not_to_have_class(re.compile("log-below"))
    mail.locator("summary").click()
    expect(mail).to_contain_text("names this case")


def test_what_is_shown_of_a_trail_is_part_of_the_address(page):
    page.goto("/trail/order-to-cash/SO-10427")
    expect(records(page)).to_have_count(6)
    expect(page.locator(".log", has_text="201 Created")).not_to_have_class(re.compile("log-below"))
    switch = page.get_by_role("navigation", name="Log records")
    expect(switch.get_by_role("link", name="All 6")).to_have_attribute("href", "/trail/order-to-cash/SO-10427")
    switch.get_by_role("link", name="Warnings and errors 3").click()
    expect(records(page)).to_have_count(3)
    expect(page).to_have_url(re.compile(r"SO-10427\?logs=warnings$"))
    switch.get_by_role("link", name="None").click()
    expect(records(page)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"SO-10427\?logs=none$"))
    switch.get_by_role("link", name="All 6").click()
    expect(records(page)).to_have_count(6)
    page.get_by_role("link", name="Show 1 plain span").click()
    expect(page.locator(".event-plain + .log-below")).to_contain_text("201 Created")
    page.get_by_role("link", name="Time", exact=True).click()
    expect(page).to_have_url(re.compile(r"scale=time&plain=1$"))
    page.reload()
    expect(page.locator(".events")).to_contain_text("POST /orders")
    expect(page.locator("#timeline .main-svg").first).to_be_visible()


def test_the_cases_behind_a_figure_can_be_downloaded(page):
    page.goto("/cases/order-to-cash?kpi=retries&band=wasted")
    with page.expect_download() as caught:
        page.get_by_role("link", name="CSV").click()
    assert caught.value.suggested_filename == "cases.csv"
    assert "band=wasted" in caught.value.path().read_text()


def test_hostile_identifiers_and_texts_are_only_text(page):
    page.goto(f"/trail/order-to-cash/{quote(HOSTILE, safe='')}?plain=1")
    expect(heading(page)).to_have_text(HOSTILE)
    page.locator("#event-1 > summary").click()
    page.locator("#timeline .scatterlayer .point").first.wait_for()
    records(page).first.locator("summary").click()
    expect(records(page).first.locator(".log-body")).to_have_text(HOSTILE)
    find(page, HOSTILE)
    expect(heading(page)).to_have_text(HOSTILE)
    page.goto("/cases/order-to-cash")
    page.get_by_role("link", name=HOSTILE).click()
    expect(heading(page)).to_have_text(HOSTILE)
    assert page.evaluate("window.hacked") is None
    assert page.locator("#main img, #main script").count() == 0
    hrefs = page.locator("a").evaluate_all("links => links.map(link => link.href)")
    assert all(href.startswith("http://127.0.0.1:") for href in hrefs)


def test_a_token_is_shown_short_and_says_what_it_is(page):
    page.goto(f"/trail?q={TOKEN[:9]}")
    _short(page)
    page.get_by_role("link", name=TOKEN).first.click()
    expect(heading(page)).to_contain_text(TOKEN)
    _short(page)


def _short(page):
    expect(page.locator(".token-mark").first).to_have_text("tokenised")
    token = page.locator("#main .token").first
    expect(token).to_have_text(TOKEN)
    assert token.evaluate("token => token.scrollWidth > token.clientWidth")


def test_a_page_comes_back_by_itself_when_the_store_does(hasty_page, api_mode):
    api_mode("down")
    hasty_page.goto("/trail?q=SO-1")
    alert = hasty_page.get_by_role("alert")
    expect(alert).to_contain_text("The store cannot be reached")
    expect(alert).to_contain_text("Is ClickHouse running?")
    api_mode("normal")
    expect(alert).to_have_count(0)
    expect(heading(hasty_page)).to_be_visible()


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
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate("window.hacked") is None
