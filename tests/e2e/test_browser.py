"""The running product in a real browser: a number a customer quotes leads to the trail, a figure to what happened."""

import pytest
from playwright.sync_api import expect

from tests.e2e.examples import shared_tracking_number


@pytest.fixture
def page(browser, flowtrail):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=flowtrail.web)
    context.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    yield context.new_page()
    context.close()


def test_a_tracking_number_leads_to_its_order_and_to_those_it_shares_with(page, truth):
    number, tracking = shared_tracking_number(truth)
    order = truth[number]
    page.goto("/")
    page.get_by_role("textbox").or_(page.get_by_role("searchbox")).first.fill(tracking)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=number).first.click()
    expect(page.get_by_role("heading", name=number)).to_be_visible()
    for step in order["steps"]:
        expect(page.get_by_text(step["step"], exact=True).first).to_be_attached()
    for other in order["shared_with"]:
        expect(page.get_by_role("link", name=other).first).to_be_visible()


def test_the_business_page_counts_what_happened(page, truth):
    page.goto("/business?from=2026-01-01&to=2099-01-01&interval=none")
    ended = sum(bool(order["end"]) for order in truth.values())
    expect(page.get_by_text(f"{ended:,} cases").first).to_be_visible()
