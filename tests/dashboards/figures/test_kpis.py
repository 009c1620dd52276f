import pytest

from dashboards.components.business import cards
from dashboards.figures import lines, stacks
from dashboards.figures.errors_per_1000 import errors_per_1000
from dashboards.figures.paths import edges_of, paths
from dashboards.figures.sparkline import sparkline
from dashboards.figures.time_to_fulfil import duration_axis, time_to_fulfil
from dashboards.figures.touchless import touchless
from dashboards.figures.value_at_risk import value_at_risk
from dashboards.wording import kpi_values
from dashboards.wording.formats import NONE
from tests.dashboards.fixture_kpis import TITLES, answer, without_finished


def retries(made):
    return stacks.stacks(made, stacks.RETRIES)


def answered(kpi, group_by=None, **query):
    return answer(kpi, {name: [value] for name, value in ({"group_by": group_by} | query).items() if value})


def test_touchless_has_one_line_for_each_outcome():
    figure = touchless(answered("touchless-rate"))
    assert [trace.name for trace in figure.data] == ["completed", "rejected"]
    assert len(figure.data[0].x) == 7
    assert all(0 <= value <= 1 for trace in figure.data for value in trace.y)


def test_touchless_by_segment_keeps_outcomes_in_panels_of_their_own():
    figure = touchless(answered("touchless-rate", "channel"))
    assert {trace.yaxis for trace in figure.data} == {"y", "y2"}
    assert [trace.name for trace in figure.data if trace.showlegend] == ["web", "shop", "edi"]
    assert {"completed", "rejected"} <= {note.text for note in figure.layout.annotations}


def test_what_is_only_bounded_stands_apart_from_the_line():
    figure = time_to_fulfil(answered("time-to-fulfil"))
    p90, p90_bounds, median, median_bounds = figure.data
    assert (len(p90.x), len(p90_bounds.x)) == (5, 2)
    assert (len(median.x), len(median_bounds.x)) == (6, 1)
    assert p90_bounds.mode == "markers"
    assert "so far" in p90_bounds.hovertext[0]


def test_time_to_fulfil_by_segment_draws_the_median_of_each():
    figure = time_to_fulfil(answered("time-to-fulfil", "channel"))
    assert [trace.name for trace in figure.data if trace.showlegend] == ["web", "shop", "edi"]


def test_points_of_few_cases_are_hollow():
    edi = time_to_fulfil(answered("time-to-fulfil", "channel")).data[-2]
    web = time_to_fulfil(answered("time-to-fulfil", "channel")).data[0]
    assert set(edi.marker.color) == {"#ffffff"}
    assert set(web.marker.color) == {web.line.color}


def test_errors_are_split_by_class_in_colour_and_shape_for_cases_and_for_attempts():
    figure = errors_per_1000(answered("errors-per-1000"))
    assert len({(trace.line.color, trace.marker.symbol) for trace in figure.data}) == 3
    assert [trace.xaxis for trace in figure.data] == ["x"] * 3 + ["x2"] * 3


def test_retries_are_stacked_by_step_and_system():
    figure = retries(answered("retries"))
    assert [trace.name for trace in figure.data] == [
        "book-carrier, carrier",
        "check-credit, erp",
        "create-invoice, billing",
    ]


def test_retries_by_segment_take_the_colour_of_the_segment():
    figure = retries(answered("retries", "channel"))
    assert len(figure.data) == 9
    assert [trace.name for trace in figure.data if trace.showlegend] == ["web", "shop", "edi"]
    assert len({trace.marker.color for trace in figure.data}) == 3


@pytest.mark.parametrize("draw", [retries, touchless, time_to_fulfil, errors_per_1000])
@pytest.mark.parametrize("group_by", [None, "channel"])
def test_every_point_leads_to_its_cases(draw, group_by):
    names = {retries: "retries", touchless: "touchless-rate", time_to_fulfil: "time-to-fulfil"}
    figure = draw(answered(names.get(draw, "errors-per-1000"), group_by))
    links = [link for trace in figure.data for link in trace.customdata]
    assert links
    assert all(link.startswith("/cases/order-to-cash?kpi=") and "bucket=" in link for link in links)


@pytest.mark.parametrize("kpi", TITLES)
@pytest.mark.parametrize("group_by", [None, "channel"])
def test_every_kpi_has_a_card_even_without_points(kpi, group_by):
    made = answered(kpi, group_by)
    assert cards.card(made)
    assert cards.card(without_finished(made))


def test_a_point_of_one_class_leads_to_the_cases_of_that_class():
    business, *_ = errors_per_1000(answered("errors-per-1000")).data
    assert all(link.endswith("band=business") for link in business.customdata)


def test_buckets_without_cases_leave_a_gap():
    made = answered("time-to-fulfil")
    made["points"][2] |= {"n": 0, "values": dict.fromkeys(made["points"][2]["values"])}
    assert time_to_fulfil(made).data[2].y[2] is None


def test_the_largest_groups_are_drawn_and_the_card_says_how_many_are_not():
    made = answered("retries")
    point = made["points"][0]
    made["points"] = [point | {"group": {"step": f"step-{n}", "system": "s"}, "n": n + 10} for n in range(11)]
    assert [group["step"] for group in lines.shown(made)][:2] == ["step-10", "step-9"]
    assert "The 8 largest groups are drawn, 3 more are in the table" in str(cards.card(made))


def test_value_at_risk_has_a_panel_for_each_currency_and_a_stack_of_what_became_of_it():
    figure = value_at_risk(answered("value-at-risk"))
    assert [(trace.name, trace.xaxis) for trace in figure.data[:3]] == [
        ("recovered", "x"),
        ("undecided", "x"),
        ("lost", "x"),
    ]
    assert {trace.xaxis for trace in figure.data} == {"x", "x2"}
    by_segment = value_at_risk(answered("value-at-risk", "channel"))
    assert [trace.name for trace in by_segment.data] == ["web", "shop", "edi"]


def test_a_rate_that_is_none_has_no_verdict_and_leads_nowhere():
    made = answered("sla-attainment", compare="previous")
    made["totals"][0] |= {"values": dict.fromkeys(made["totals"][0]["values"])}
    words = str(cards.card(made))
    assert "better" not in words
    assert NONE in words


def test_days_and_instants_are_written_as_such():
    made = answered("onboarding", tz="Europe/Berlin")
    whole = made["totals"][0]
    assert kpi_values.value(made, whole, "reached_week") == "19 Oct 2026"
    assert kpi_values.value(made, whole, "first_event") == "06 Oct 2026, 00:30"


def test_a_sparkline_needs_two_values_and_leaves_gaps():
    assert not sparkline([1.0])
    assert sparkline([1, None, 3, 4]).count("<polyline") == 2


def test_hostile_words_in_an_answer_are_text_in_a_drawing():
    svg, _ = paths("<script>", edges_of(["<script> > a&b", "a&b > c"]))
    assert "<script>" not in svg
    assert "&lt;script&gt;" in svg


def test_a_bound_is_written_as_more_than_so_far():
    made = answered("time-to-fulfil")
    assert kpi_values.value(made, made["points"][-1], "km_median_s").startswith("> 5 d")
    assert kpi_values.value(made, made["points"][-1], "km_median_s").endswith("so far")
    assert kpi_values.value(made, made["points"][0], "km_median_s") == "4 d 4 h"


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [(0.6237, "ratio", "62.4 %"), (41.07, "per 1,000 cases", "41.1"), ("1.5", "USD", "1.50 USD"), (12, "cases", "12"),
     (2.5, "retries", "2.50"), (90, "s", "1 min 30 s"), (None, "ratio", NONE)],
)  # fmt: skip
def test_values_are_written_by_their_unit(number, unit, text):
    assert kpi_values.written(number, unit) == text


@pytest.mark.parametrize("top", [0.4, 55, 5_000, 400_000, 9_000_000, 400_000_000])
def test_duration_axes_have_few_round_ticks(top):
    axis = duration_axis([top])
    assert 1 <= len(axis["tickvals"]) <= 6
    assert axis["range"][1] >= top


@pytest.mark.parametrize(
    ("kpi", "draw"),
    [
        ("touchless-rate", touchless),
        ("time-to-fulfil", time_to_fulfil),
        ("errors-per-1000", errors_per_1000),
        ("retries", retries),
    ],
)
@pytest.mark.parametrize("group_by", [None, "channel"])
def test_markup_in_segments_currencies_and_titles_is_text_in_figures(kpi, draw, group_by):
    hostile = '<a href="https://x">'
    made = answered(kpi, group_by)
    for entry in made["measures"]:
        entry |= {"title": hostile, "unit": hostile if entry["unit"] in {"EUR", "USD"} else entry["unit"]}
    for point in made["points"]:
        point["group"] = {name: hostile + value for name, value in point["group"].items()}
    drawn = figure_words(draw(made))
    assert "<a href" not in drawn
    assert "&lt;a href" in drawn


def figure_words(figure):
    """All that plotly interprets as markup: legend groups and links are data."""
    shown = figure.to_dict()
    for trace in shown["data"]:
        trace.pop("legendgroup", None)
        trace.pop("customdata", None)
    return str(shown)
