"""A small week of orders with known figures, on the embedded engine and over ClickHouse's HTTP interface."""

import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from cases.errors import CasesError
from cases.flows.declarations import Calendar, Declaration, Routing
from cases.fold.state import begin
from cases.kpis import DEFINITIONS, KpiQuery, Selector, answer, answers, population
from store.client import open_store
from tests.cases.kpis.records import DAY, HOUR, Case, Step, at, insert

MONDAY = at("2026-03-02")
WEEK = {"from": "2026-03-02", "to": "2026-03-09"}
FLOW = "order-to-cash"
DECLARED = Declaration(
    FLOW,
    "1",
    "order",
    (),
    routing=Routing("channel", ("web",), ("shop",), ("segment",)),
    sla_s=3600,
    touchless_target=0.5,
    calendar=Calendar("Europe/Berlin", 7, (((9 * 60, 17 * 60),),) * 7),
)
FOUR = ("touchless-rate", "time-to-fulfil", "errors-per-1000", "retries")


@pytest.fixture
def store(migrated_url):
    store = open_store(migrated_url)
    begin(store)
    yield store
    store.close()


@pytest.fixture
def week():
    """Two automatic orders, one approved by hand, one touched by nobody knows whom, one that waits."""
    web, shop = {"channel": "web"}, {"channel": "shop"}
    retried = Step(attempts=2, share=2_000_000, retries=1, retry_share=1_000_000, retry_micros=20_000, currency="EUR")
    failed = Step(infrastructure=1, infrastructure_share=1_000_000, succeeded=False)
    lost = replace(retried, currency="USD", succeeded=False, infrastructure=2, infrastructure_share=2_000_000)
    return [
        Case("A", MONDAY, MONDAY + 1 * HOUR, dims=web, steps=(Step(), failed, retried)),
        Case(
            "B",
            MONDAY,
            MONDAY + 2 * HOUR,
            dims=web,
            outcome="rejected",
            steps=(Step(business=1, business_share=1_000_000),),
        ),
        Case("C", MONDAY + DAY, MONDAY + DAY + 4 * HOUR, dims=shop, touches=1, steps=(Step(),)),
        Case("D", MONDAY + DAY, MONDAY + DAY + 8 * HOUR, unknown_events=1, steps=(Step(share=500_000),)),
        Case("E", MONDAY + 2 * DAY, dims=shop, steps=(lost,)),
    ]


def query(**words):
    return KpiQuery.parse({**WEEK, "interval": "none", **words}, at("2026-03-06T12:00:00"))


def totals(found):
    return {tuple(point.group): point for point in found.totals}


def test_the_four_kpis_of_a_week(store, week):
    insert(store, FLOW, *week)
    touchless, time, errors, retries = answers(store, "default", FLOW, query(), kpis=FOUR)
    whole = totals(touchless)[()]
    assert (whole.n, whole.in_flight_n, whole.unknown_actor_n) == (4, 1, 1)
    assert [whole.values[f"{band}_n"] for band in ("touchless", "touched", "unknown")] == [2, 1, 1]
    assert whole.values["touchless_rate"] == 0.5
    assert totals(touchless)[("outcome", "rejected"),].values["touchless_rate"] == 1.0
    assert touchless.in_flight.oldest_age_s == 2.5 * 86400

    assert time.totals[0].values == {
        "km_median_s": 4 * 3600,
        "km_p90_s": None,
        "plain_median_s": 4 * 3600,
        "plain_p90_s": 8 * 3600,
        "finished_n": 4,
    }
    assert time.totals[0].bounds == {"km_p90_s": 2.5 * 86400}

    figures = errors.totals[0].values
    assert (figures["cases_with_error"], figures["failed_attempts"], figures["attempts"]) == (3, 4, 8.5)
    assert figures["cases_with_error_per_1000"] == 600
    assert figures["cases_with_error_per_1000_business"] == 200
    assert figures["failed_attempts_per_1000_infrastructure"] == 1000 * 3 / 8.5

    assert retries.currencies == ("EUR", "USD")
    figures = totals(retries)[("step", "pick"), ("system", "wms")].values
    assert (figures["retries"], figures["wasted_retries"], figures["wasted_share"]) == (2, 1, 0.5)
    assert (figures["retry_cost_EUR"], figures["retry_cost_USD"]) == ("0.02", "0.02")


def test_a_case_folded_again_counts_once_as_it_is_now(store, week):
    insert(store, FLOW, *[replace(case, end=None, touches=7, dims={}) for case in week], version=1)
    insert(store, FLOW, *week, version=2)
    insert(store, FLOW, *week, version=2)
    assert answer(store, "default", FLOW, "touchless-rate", query()).totals[0].values["touched_n"] == 1


def test_tenants_and_flows_do_not_mix(store, week):
    insert(store, FLOW, *week, tenant="other")
    insert(store, "returns", *week)
    for found in answers(store, "default", FLOW, query()):
        assert (found.n, found.in_flight.n, found.in_flight.oldest_age_s) == (0, 0, None)


def test_the_past_can_be_asked_again_as_it_was(store, week):
    insert(store, FLOW, *week)
    found = answer(store, "default", FLOW, "touchless-rate", query(as_of="2026-03-03T05:00:00Z"))
    assert (found.n, found.in_flight.n, found.in_flight.oldest_age_s) == (3, 1, 5 * 3600)


def test_an_empty_window_answers_nothing_rather_than_zero_per_cent(store):
    for found in answers(store, "default", FLOW, query(interval="day")):
        rates = {
            name: value for name, value in found.totals[0].values.items() if re.search("rate|share|per_1000|_s$", name)
        }
        assert set(rates.values()) <= {None}


def test_every_bucket_shows_even_where_nothing_happened(store, week):
    insert(store, FLOW, *week)
    found = answer(store, "default", FLOW, "errors-per-1000", query(interval="day", group_by="channel"))
    assert len(found.points) == 7 * len({"", "web", "shop"})
    days = [point for point in found.points if point.group == (("channel", "web"),)]
    assert [point.n for point in days] == [2, 0, 0, 0, 0, 0, 0]
    assert days[1].values["cases_with_error_per_1000"] is None


def test_an_answer_is_json_that_names_every_measure_it_gives(store, week):
    insert(store, FLOW, *week)
    for found in answers(
        store, "default", FLOW, query(interval="day", group_by="channel", compare="previous"), DECLARED
    ):
        answered = json.loads(json.dumps(found.to_json()))
        assert not answered["notes"]
        names = [measure["id"] for measure in answered["measures"]]
        for point in [*answered["totals"], *answered["points"]]:
            assert sorted(point["values"]) == sorted(names)
            assert set(point["bounds"]) <= set(names)
        assert answered["definition"]["version"] == "1"
        assert answered["cohort"].startswith("cases ")
        assert len(answered["previous"]["totals"]) >= 1
        for band in [band["id"] for band in answered["bands"]]:
            raw = dict(parse_qsl(urlsplit(f"{answered['cases_url']}&band={band}").query))
            assert population(store, "default", FLOW, Selector.parse(raw, 0, DECLARED)).next is None


def test_a_grouping_without_meaning_is_refused_alone_and_left_out_of_the_page(store, week):
    insert(store, FLOW, *week)
    with pytest.raises(CasesError, match="Time to fulfil cannot be grouped by outcome"):
        answer(store, "default", FLOW, "time-to-fulfil", query(group_by="outcome"))
    groups = {
        found.definition.kpi: found.totals[-1].group
        for found in answers(store, "default", FLOW, query(group_by="outcome"), kpis=FOUR)
    }
    assert groups["time-to-fulfil"] == ()
    assert dict(groups["errors-per-1000"]) == {"outcome": "rejected"}


def test_a_name_that_is_sql_is_only_a_name(store, week):
    insert(store, FLOW, *week)
    hostile = "x'] OR 1=1 -- {}"
    found = answer(store, "default", FLOW, "errors-per-1000", query(group_by=hostile))
    assert [point.group for point in found.totals] == [(), ((hostile, ""),)]


def test_too_many_groups_are_refused_with_advice(store):
    many = [Case(f"c{number}", MONDAY, dims={"customer": str(number)}) for number in range(501)]
    insert(store, FLOW, *many)
    with pytest.raises(CasesError, match="Group by a dimension with fewer values"):
        answer(store, "default", FLOW, "errors-per-1000", query(group_by="customer", interval="day"))


def test_an_unknown_kpi_is_not_found(store):
    with pytest.raises(CasesError) as caught:
        answer(store, "default", FLOW, "speed", query())
    assert caught.value.code == "not_found"


def test_every_kpi_and_measure_is_explained_in_the_documentation(repository):
    text = (repository / "docs" / "kpis.md").read_text(encoding="utf-8")
    for definition in DEFINITIONS.values():
        assert f"## {definition.title} (`{definition.kpi}`, version {definition.version})" in text
        names = [f"{one.id}_<currency>" if one.unit == "money" else one.id for one in definition.measures]
        missing = [name for name in names if f"`{name}`" not in text]
        assert not missing, f"docs/kpis.md does not explain {missing}"
        assert not [band for band in definition.all_bands if f"`{band}`" not in text]


def test_until_an_upgrade_has_folded_every_case_again_each_figure_says_so(migrated_chdb_url, week):
    store = open_store(migrated_chdb_url)
    insert(store, "orders", *week)
    found = answers(store, "default", "orders", KpiQuery.parse({}, at("2026-03-06T12:00:00")), kpis=FOUR)
    assert all("folded again after an upgrade" in one.notes[0] for one in found)
    store.close()
