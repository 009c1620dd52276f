"""Business measures on the Business page, and how their values are written."""

import pytest
from playwright.sync_api import expect

from dashboards.figures.measure import drawn, measure, written
from tests.dashboards.fixture_measures import measured
from tests.dashboards.opened import open_section


def test_each_measure_has_a_chart_its_definition_and_how_many_values_are_behind_it(page):
    page.goto("/business")
    section = open_section(page, "measures")
    expect(section.locator(".measure")).to_have_count(5)
    backlog = section.locator(".measure", has_text="backlog")
    expect(backlog).to_contain_text("310 order")
    expect(backlog).to_contain_text("last, whole window; 168 values of 2 series")
    expect(backlog.locator(".js-plotly-plot")).to_be_visible()
    backlog.get_by_text("Definition", exact=True).click()
    expect(backlog.get_by_text("Metric flow.kpi.backlog, a level in {order}.")).to_be_visible()
    expect(section.locator(".measure", has_text="of no flow")).to_contain_text("<img src=x")
    assert page.evaluate("window.hacked") is None


def test_a_segment_splits_the_measures_that_carry_it_and_the_others_say_so(page, fixture_api):
    page.goto("/business?group_by=channel&interval=day")
    section = open_section(page, "measures")
    expect(section.locator(".measure", has_text="storage cost").get_by_text("web", exact=True).first).to_be_visible()
    expect(section.locator(".measure", has_text="fill rate")).to_contain_text("Not split by channel")
    asked = [path for path in fixture_api.asked if "/measures/" in path]
    assert any("storage_cost?" in path and "group_by=channel" in path and "interval=day" in path for path in asked)
    assert not any("fill_rate?" in path and "group_by" in path for path in asked)


def test_without_measures_the_page_says_how_to_send_one(page, api_mode):
    api_mode("unfinished")
    page.goto("/business")
    expect(open_section(page, "measures")).to_contain_text(
        "A gauge or a sum sent over OTLP as a metric named flow.kpi."
    )


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "EUR", "–"),  # noqa: RUF001 - the sign for "no value"
        (42, "{claim}", "42 claim"), (12_400, "1", "12,400"), (0.25, "", "0.25"), (99.5, "EUR", "99.50 EUR"),
        (5400, "s", "1 h 30 min"), (93.25, "%", "93.25 %"),
        ("12345678901234567890.5", "", "12,345,678,901,234,567,890.5"),
        (-3, "{order}", "-3 order"),
    ],
)  # fmt: skip
def test_a_value_is_written_with_its_unit(value, unit, text):
    assert written(value, unit) == text


def test_what_adds_up_is_drawn_as_bars_and_what_is_read_as_a_line_with_gaps():
    summed = measure(measured("order-to-cash", "labels_printed", {}))
    assert [trace.type for trace in summed.data] == ["bar"]
    level = measure(measured("order-to-cash", "backlog", {"group_by": ["channel"]}))
    assert [trace.type for trace in level.data] == ["scatter", "scatter"]
    assert level.data[0].y[2] is None


def test_the_groups_with_most_values_are_drawn():
    totals = [{"group": {"dim": f"{n}"}, "n": n} for n in range(12)]
    assert [group["dim"] for group in drawn({"totals": totals})] == [str(n) for n in range(11, 3, -1)]
