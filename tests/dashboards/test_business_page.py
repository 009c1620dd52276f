"""The business page in a real browser, against the fixture API."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from dashboards.components.business.contents import SECTIONS
from tests.dashboards.fixture_kpis import TITLES
from tests.dashboards.opened import open_section


def heading(page):
    return page.get_by_role("heading", level=1)


def test_headlines_come_first_then_every_kpi_with_its_chart_and_then_the_measures(page):
    page.goto("/business")
    tile = page.locator("#tile-touchless-rate")
    expect(tile).to_contain_text("up 5.0 points from 57.4 %, better")
    expect(tile.get_by_role("link", name="1,421 cases, 318 in flight")).to_have_attribute(
        "href", re.compile("^/cases/")
    )
    expect(page.locator(".tile")).to_have_count(6)
    expect(page.locator(".page-head")).to_contain_text("Compared with 17 Aug 2026 to 05 Oct 2026.")
    touchless = page.locator("#kpi-touchless-rate")
    touchless.get_by_text("Definition", exact=True).click()
    expect(touchless.get_by_text("How touched is counted.")).to_be_visible()
    for name, section in SECTIONS.items():
        place = open_section(page, name)
        expect(place.locator(".kpi h3")).to_have_text([TITLES[kpi] for kpi in section.kpis])
        expect(place.locator(".js-plotly-plot").first if name != "adoption" else place).to_be_visible()
    measures = open_section(page, "measures")
    expect(measures.locator(".measure")).to_have_count(5)
    backlog = measures.locator(".measure", has_text="backlog")
    expect(backlog.locator(".js-plotly-plot")).to_be_visible()
    backlog.get_by_text("Definition", exact=True).click()
    expect(backlog.get_by_text("Metric flow.kpi.backlog, a level in {order}.")).to_be_visible()
    expect(measures.locator(".measure", has_text="of no flow")).to_contain_text("<img src=x")
    assert page.evaluate("window.hacked") is None
    expect(page).to_have_url(re.compile(r"/business$"))


def test_a_changed_control_becomes_the_address(page):
    page.goto("/business?tz=Europe%2FBerlin")
    expect(page.get_by_text("00:00 CEST to")).to_be_visible()
    page.locator("#filter-group_by").click()
    page.get_by_role("option", name="channel").click()
    expect(page).to_have_url(re.compile(r"/business\?tz=Europe%2FBerlin&group_by=channel$"))
    card = page.locator("#kpi-time-to-fulfil")
    expect(card.get_by_role("rowheader", name="edi", exact=True, include_hidden=True)).to_have_count(1)
    card.scroll_into_view_if_needed()
    expect(card.get_by_text("edi", exact=True).first).to_be_visible()
    page.locator("#filter-from").click()
    page.locator(".dash-datepicker-calendar-wrapper td", has_text=re.compile("^12$")).click()
    expect(page).to_have_url(re.compile(r"group_by=channel&from=2026-10-12$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"group_by=channel$"))
    page.go_back()
    expect(page.locator("#filter-group_by")).to_contain_text("all cases")


def test_a_click_on_a_point_a_cell_or_a_headline_opens_its_cases(page):
    page.goto("/business")
    money = open_section(page, "money")
    bar = money.locator("#kpi-retries .point path").first
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
    page.locator("#kpi-touchless-rate").get_by_text("Table of the whole window").click()
    page.locator("#kpi-touchless-rate tbody tr").nth(1).get_by_role("link").first.click()
    expect(page.get_by_label("Selection")).to_contain_text("outcome completed")


def test_a_section_that_could_not_be_read_comes_back_by_itself(hasty_page, api_mode):
    hasty_page.goto("/business")
    expect(hasty_page.locator("#kpi-touchless-rate")).to_be_visible()
    api_mode("down")
    exceptions = open_section(hasty_page, "exceptions")
    expect(exceptions.get_by_role("alert")).to_contain_text("The store cannot be reached")
    api_mode("normal")
    expect(exceptions.locator("#kpi-exceptions")).to_be_visible()
    expect(exceptions.get_by_role("alert")).to_have_count(0)


def test_a_choice_that_is_refused_leaves_the_controls_to_choose_again(page, api_mode):
    api_mode("too many groups")
    page.goto("/business?group_by=customer")
    expect(page.get_by_role("alert").first).to_contain_text("There are 501 groups")
    expect(page.locator("#filter-group_by")).to_contain_text("customer")
