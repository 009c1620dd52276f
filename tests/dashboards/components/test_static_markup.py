"""Parts of a page that no callback uses become one component."""

from dash import dcc, html

from dashboards.components.chart import Chart
from dashboards.components.static_markup import StaticMarkup, static_markup
from dashboards.figures import theme


def test_a_page_without_live_parts_is_one_component():
    page = static_markup(
        html.Div([html.P("a <b>", className="x"), None, 3, dcc.Link("on", href="/cases/f")], id="here")
    )
    assert isinstance(page, StaticMarkup)
    assert page.tree == [
        ["div", {"id": "here"}, ["p", {"className": "x"}, "a <b>"], 3, ["Link", {"href": "/cases/f"}, "on"]]
    ]


def test_neighbours_of_what_callbacks_know_are_gathered_and_keep_their_order():
    place = html.Div("Reading", id={"kind": "section", "section": "flow"})
    page = static_markup(html.Div(["before", html.P("too"), html.Section([html.H2("Flow"), place]), html.P("after")]))
    first, section, last = page.children
    assert first.tree == ["before", ["p", {}, "too"]]
    heading, gathered = section.children
    assert heading.tree == [["h2", {}, "Flow"]]
    assert (gathered.id, gathered.children[0].tree) == (place.id, ["Reading"])
    assert last.tree == [["p", {}, "after"]]


def test_controls_and_timers_stay_as_they_are():
    timer = dcc.Interval(id="again")
    assert static_markup(html.Div([timer])).children == [timer]
    assert static_markup(timer) is timer


def test_a_chart_is_part_of_what_is_static_markup():
    page = static_markup(html.Div(Chart(theme.figure(height=100), "timeline", {"minWidth": "9px"})))
    ((_, _, (tag, attributes)),) = page.tree
    assert (tag, attributes["id"], attributes["style"]) == ("Chart", "timeline", {"height": "100px", "minWidth": "9px"})
