"""Conditions of the cases behind a figure. test_composed shows whole statements, test_against_reference runs them."""

import json

import pytest

from cases.errors import CasesError
from cases.kpis import Selector, filters, population, population_n
from cases.kpis.population import statement
from tests.cases.kpis.records import Case, at, insert

WINDOW = {"from": "2026-03-02", "to": "2026-03-09", "as_of": "2026-03-08T00:00:00Z"}


def selector(**words):
    group = words.pop("group", None)
    return Selector.parse({**WINDOW, **words, "group": json.dumps(group) if group else None}, now=0)


@pytest.mark.parametrize(
    ("words", "instant", "expected"),
    [
        (
            {"kpi": "touchless-rate", "group": {"outcome": "completed", "channel": "web"}, "band": "unknown"},
            "toUnixTimestamp64Nano(assumeNotNull(End))",
            ["Dims[{dim_0:String}] = {value_0:String}", "Outcome = {outcome:String}", "unknown"],
        ),
        # What is in flight has no outcome yet, so the outcome of the point does not narrow it.
        ({"kpi": "touchless-rate", "group": {"outcome": "completed"}, "band": "in_flight"}, "Began", ["IsOpen"]),
        ({"kpi": "time-to-fulfil", "band": "in_flight"}, "Began", ["IsOpen"]),
        ({"kpi": "time-to-fulfil", "band": "finished"}, "toUnixTimestamp64Nano(assumeNotNull(End))", []),
        ({"kpi": "errors-per-1000", "band": "business"}, "Began", ["business"]),
        (
            {"kpi": "first-time-right", "band": "right"},
            "toUnixTimestamp64Nano(assumeNotNull(End))",
            ["succeeded", "right_first_time"],
        ),
        (
            {"kpi": "retries", "group": {"step": "pick", "system": "wms"}, "band": "wasted"},
            "Began",
            [
                (
                    "arrayExists(place -> place.step = {step:String} AND place.system = {system:String} "
                    "AND place.wasted, retried_at)"
                )
            ],
        ),
        (
            {"kpi": "exceptions", "group": {"class": "business", "channel": "web"}, "band": "recovered"},
            "toUnixTimestamp64Nano(opened_at)",
            ["Dims[{dim_0:String}] = {value_0:String}", "class = {value_1:String}", "recovered"],
        ),
    ],
)
def test_a_selector_becomes_exactly_these_conditions(words, instant, expected):
    found = filters.filter_of(selector(**words))
    assert f"    {instant} AS At" in found.rows
    assert found.conditions.texts == expected


def test_what_a_caller_sends_is_never_in_the_text():
    hostile = "x') OR 1=1 --"
    found = filters.filter_of(selector(kpi="retries", group={hostile: hostile, "step": hostile, "system": hostile}))
    assert hostile not in statement(found, filters.after(1, hostile))
    assert hostile in found.conditions.params.values()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"kpi": "speed"}, "There is no KPI 'speed'. Use one of: touchless-rate, automated-events"),
        ({"kpi": "retries", "band": "touched"}, "Use one of: retried, wasted, in_flight."),
        ({"kpi": "retries", "bucket": "2026-03-03T00:00:00Z"}, "is not the start of a bucket of this window"),
        ({"kpi": "time-to-fulfil", "group_by": "outcome"}, "Time to fulfil cannot be grouped by outcome"),
        ({"kpi": "retries", "group": ["web"]}, "Use a JSON object"),
        ({"kpi": "retries", "group": {"channel": 1}}, "Use a JSON object"),
    ],
)
def test_a_selector_that_makes_no_sense_is_refused(words, complaint):
    with pytest.raises(CasesError, match=complaint.replace(".", r"\.")):
        selector(**words)


def test_pages_follow_each_other_newest_first_without_gap_or_repetition(kpi_store, flow):
    # Several start in the same nanosecond, so the case id decides.
    cases = [Case(f"c{number}", at("2026-03-03") + number // 3) for number in range(10)]
    insert(kpi_store, flow, *cases)
    seen, cursor = [], None
    while True:
        page = population(kpi_store, "default", flow, selector(), 4, cursor)
        seen += [case.case_id for case in page.cases]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ["c9", "c6", "c7", "c8", "c3", "c4", "c5", "c0", "c1", "c2"]
    assert population_n(kpi_store, "default", flow, selector()) == len(seen)


@pytest.mark.parametrize(
    "group",
    ['{"channel":"\\ud800"}', "[" * 5_000, "null", '{"channel":'],
    ids=["half a character", "nested", "null", "cut"],
)
def test_a_group_that_would_not_survive_the_way_to_the_store_is_refused(group):
    with pytest.raises(CasesError, match="Use a JSON object"):
        Selector.parse({**WINDOW, "group": group}, now=0)


@pytest.mark.parametrize(
    "cursor",
    ["%%%", "bm9wZQ", "WzFd", "WyJhIiwgMV0", "WzEsIlx1ZDgwMCJd", "W1tb" * 2_000, "W3RydWUsImEiXQ", "é"],
    ids=["no base64", "no JSON", "short", "turned", "half a character", "nested", "a truth value", "no ASCII"],
)
def test_a_broken_cursor_is_refused(kpi_store, flow, cursor):
    with pytest.raises(CasesError, match="The cursor cannot be read"):
        population(kpi_store, "default", flow, selector(), 4, cursor)


def test_a_limit_out_of_range_is_refused(kpi_store, flow):
    with pytest.raises(CasesError, match="limit=0 is out of range"):
        population(kpi_store, "default", flow, selector(), 0, None)
