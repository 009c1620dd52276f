from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboards.wording import formats

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, formats.NONE), (0, "0 s"), (0.0004, "0 ms"), (0.12, "120 ms"), (0.9996, "1.0 s"), (1.44, "1.4 s"),
        (9.94, "9.9 s"), (59.6, "1 min"), (190, "3 min 10 s"), (3600, "1 h"), (5400, "1 h 30 min"),
        (187_240, "2 d 4 h"), (3_000_000, "34 d 17 h"), (-5, "-5.0 s"),
    ],
)  # fmt: skip
def test_durations_have_two_units_at_most(seconds, text):
    assert formats.duration(seconds) == text


def test_a_narrow_column_gets_one_unit():
    assert [formats.short_duration(seconds) for seconds in (77, 616, 187_240, 0.4, 7200)] == [
        "1.3 min",
        "10 min",
        "2.2 d",
        "400 ms",
        "2 h",
    ]


def test_moments_are_local_and_name_their_zone():
    assert formats.moment("2026-11-22T10:04:05.123456789Z", BERLIN) == "Sun 22 Nov 2026, 11:04:05 CET"
    assert formats.moment("2026-07-01T10:04:05Z", BERLIN, seconds=False) == "Wed 01 Jul 2026, 12:04 CEST"
    assert formats.moment(None, BERLIN) == formats.NONE


def test_a_zone_without_a_name_is_written_as_its_offset():
    assert formats.zone_name(datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo("America/Sao_Paulo"))) == "UTC-03"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1249.9", "1,249.90 EUR"), ("0.116667", "0.116667 EUR"), ("0.350000", "0.35 EUR"), ("-2.5", "-2.50 EUR"),
        ("1000000", "1,000,000.00 EUR"), ("1E+3", "1,000.00 EUR"),
    ],
)  # fmt: skip
def test_money_keeps_its_decimals_and_has_two_at_least(amount, text):
    assert formats.money({"amount": amount, "currency": "EUR"}) == text


def test_counts_and_nouns_agree():
    assert [formats.plural(number, "case") for number in (0, 1, 1200)] == ["0 cases", "1 case", "1,200 cases"]
