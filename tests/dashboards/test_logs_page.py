"""Log records and tokens on the trail page, in a real browser against the fixture API."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.dashboards.fixture_trails import HOSTILE, TOKEN


def records(page):
    return page.locator(".log")


def test_a_record_stands_below_its_step_and_opens(page):
    page.goto("/trail/order-to-cash/SO-10427")
    expect(page.locator("#event-7 + .log-below, #event-6 + .log-below").first).to_contain_text("Shelf 14")
    warning = page.locator(".log-warn")
    expect(warning.locator(".severity")).to_have_text("warn")
    expect(warning.locator(".log-body")).not_to_be_visible()
    warning.locator("summary").click()
    expect(warning.locator(".log-body")).to_contain_text("A long line of a long text.")
    expect(warning).to_contain_text("lies in a trace of this case")
    expect(warning).to_contain_text("code.function")


def test_a_record_that_is_in_no_span_stands_between_the_events_by_its_time(page):
    page.goto("/trail/order-to-cash/SO-10427")
    told = page.locator(".log", has_text="Customer was told of the delay")
    expect(told).not_to_have_class(re.compile("log-below"))
    told.locator("summary").click()
    expect(told).to_contain_text("names this case")


def test_a_record_of_a_plain_span_stands_below_it_only_where_plain_spans_are_shown(page):
    page.goto("/trail/order-to-cash/SO-10427")
    expect(page.locator(".log", has_text="201 Created")).not_to_have_class(re.compile("log-below"))
    page.goto("/trail/order-to-cash/SO-10427?plain=1")
    expect(page.locator(".event-plain + .log-below")).to_contain_text("201 Created")


def test_the_switch_leaves_warnings_or_nothing_and_becomes_the_address(page):
    page.goto("/trail/order-to-cash/SO-10427")
    expect(records(page)).to_have_count(6)
    switch = page.get_by_role("navigation", name="Log records")
    expect(switch.get_by_role("link", name="All 6")).to_have_attribute("href", "/trail/order-to-cash/SO-10427")
    expect(switch.get_by_role("link", name="None")).to_have_attribute("href", re.compile(r"\?logs=none$"))
    switch.get_by_role("link", name="Warnings and worse 3").click()
    expect(records(page)).to_have_count(3)
    expect(page).to_have_url(re.compile(r"SO-10427\?logs=warnings$"))
    page.goto("/trail/order-to-cash/SO-10427?logs=none")
    expect(switch).to_be_visible()
    expect(records(page)).to_have_count(0)


def test_without_records_the_page_says_how_they_come(page):
    page.goto("/trail/order-to-cash/SO-1")
    expect(page.get_by_text("No log records.")).to_be_visible()
    expect(page.get_by_role("navigation", name="Log records")).to_have_count(0)


def test_more_records_than_a_page_holds_are_counted_and_can_be_paged_through(page):
    page.goto("/trail/order-to-cash/SO-77")
    expect(records(page)).to_have_count(100)
    expect(page.get_by_text("130 log records before or after these are not shown.")).to_be_visible()
    page.goto(page.get_by_role("link", name="Later ones").get_attribute("href"))
    expect(records(page).first).to_contain_text("line 100 read")
    page.goto(page.get_by_role("link", name="Later ones").get_attribute("href"))
    expect(records(page)).to_have_count(30)
    expect(page.get_by_role("link", name="First log records")).to_have_attribute("href", re.compile("/SO-77$"))


def test_a_hostile_record_is_only_text(page):
    page.goto(f"/trail/order-to-cash/{quote(HOSTILE, safe='')}")
    records(page).first.locator("summary").click()
    expect(records(page).first.locator(".log-body")).to_have_text(HOSTILE)
    assert page.evaluate("window.hacked") is None
    assert page.locator("#main img, #main script").count() == 0


@pytest.mark.parametrize("address", [f"/trail/order-to-cash/{TOKEN}", f"/trail?q={TOKEN[:9]}"])
def test_a_token_is_shown_short_and_says_what_it_is(page, address):
    page.goto(address)
    expect(page.locator(".token-mark").first).to_have_text("tokenised")
    token = page.locator(".token").first
    expect(token).to_have_text(TOKEN)
    assert token.evaluate("one => one.scrollWidth > one.clientWidth")
