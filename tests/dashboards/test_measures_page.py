"""Business measures on the Business page, and how their values are written."""

import pytest

from dashboards.figures.measure import drawn, measure, written
from tests.dashboards import answered
from tests.dashboards.fixture_measures import measured


def test_each_measure_has_its_definition_and_how_many_values_are_behind_it(site):
    words = answered.section(site, "measures").words
    assert "310 order" in words
    assert "last, whole window; 168 values of 2 series" in words
    assert "Metric flow.kpi.backlog, a level in {order}." in words


def test_a_segment_splits_the_measures_that_carry_it_and_the_others_say_so(site, fixture_api, api_mode):
    words = answered.section(site, "measures", group_by="channel", interval="day").words
    assert "Not split by channel" in words
    paths = [path for path in fixture_api.requests if "/measures/" in path]
    assert any("storage_cost?" in path and "group_by=channel" in path and "interval=day" in path for path in paths)
    assert not any("fill_rate?" in path and "group_by" in path for path in paths)


def test_without_measures_the_page_says_how_to_send_one(site, api_mode):
    api_mode("unfinished")
    words = answered.section(site, "measures").words
    assert "A gauge or a sum sent over OTLP as a metric named flow.kpi." in words


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
    assert [(trace.type, trace.name) for trace in level.data] == [("scatter", "shop"), ("scatter", "web")]
    assert level.data[0].y[2] is None


def test_the_groups_with_most_values_are_drawn():
    totals = [{"group": {"dim": f"{n}"}, "n": n} for n in range(12)]
    assert [group["dim"] for group in drawn({"totals": totals})] == [str(n) for n in range(11, 3, -1)]
