import pytest

from dashboards.wording.comparison import better, change, period
from tests.dashboards.fixture_kpis import answer

BEFORE = {"group": {}, "values": {}, "bounds": {}}


def compared(unit, measure, now, then):
    """The change of one measure."""
    made = {
        "measures": [{"id": measure, "title": measure, "unit": unit}],
        "previous": {"totals": [BEFORE | {"values": {measure: then}}]},
    }
    return change(made, measure, BEFORE | {"values": {measure: now}})


@pytest.mark.parametrize(
    ("unit", "measure", "now", "then", "words", "verdict"),
    [
        ("ratio", "touchless_rate", 0.682, 0.661, "up 2.1 points", "better"),
        ("ratio", "rework_rate", 0.3, 0.2, "up 10.0 points", "worse"),
        ("s", "km_median_s", 86_400, 97_200, "down 3 h", "better"),
        ("EUR", "at_risk_EUR", "1200.50", "1000.00", "up 200.50 EUR", "worse"),
        ("cases", "moved_n", 12, 4, "up 8", "better"),
        ("events", "events", 12, 4, "up 8", ""),
        ("ratio", "touchless_rate", 0.68204, 0.68201, "unchanged", ""),
    ],
)
def test_a_change_is_worded_by_its_unit_and_judged_apart(unit, measure, now, then, words, verdict):  # noqa: PLR0917 - a table
    difference = compared(unit, measure, now, then)
    assert (difference.words, difference.verdict) == (words, verdict)


@pytest.mark.parametrize(("now", "then"), [(None, 0.5), (0.5, None)])
def test_without_a_figure_on_both_sides_there_is_no_change(now, then):
    assert compared("ratio", "touchless_rate", now, then) is None


def test_a_bound_is_not_compared():
    made = answer("time-to-fulfil", {"compare": ["previous"]})
    made["previous"]["totals"][0]["bounds"] = {"km_median_s": {"at_least": 5.0}}
    difference = change(made, "km_median_s", made["totals"][0])
    assert (difference.words, difference.verdict, difference.before) == ("not comparable yet", "", "> 5.0 s so far")


def test_a_group_that_was_not_there_before_has_no_change():
    made = answer("touchless-rate", {"compare": ["previous"]})
    assert change(made, "touchless_rate", made["totals"][-1]) is None


def test_the_period_is_named_by_its_dates_in_its_own_zone():
    made = answer("touchless-rate", {"compare": ["previous"], "tz": ["Europe/Berlin"]})
    assert period(made) == "17 Aug 2026 to 05 Oct 2026"
    assert not period(answer("touchless-rate", {}))


def test_every_direction_is_known_or_none():
    assert {better(measure) for measure in ("km_p90_s", "recovered_EUR", "n", "retry_cost_EUR")} == {
        "lower",
        "higher",
        "",
    }
