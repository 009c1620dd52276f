"""Times in every form that is accepted, and in forms that are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from collector.events.moment import moment_ns, zone_named

NOON = 1_772_366_700
BERLIN = zone_named("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "nanoseconds"),
    [
        ("2026-03-01T12:05:00Z", NOON * 10**9),
        ("2026-03-01 13:05+01:00", NOON * 10**9),
        ("2026-03-01T13:05:00.5+0100", NOON * 10**9 + 500_000_000),
        ("2026-03-01t07:05:00,123456789-05:00", NOON * 10**9 + 123_456_789),
        (NOON, NOON * 10**9),
        (NOON * 1000 + 5, NOON * 10**9 + 5_000_000),
        (99_999_999_999, 99_999_999_999 * 10**9),
        (100_000_000_000, 100_000_000 * 10**9),
    ],
)
def test_a_time_with_its_zone_or_a_number_is_read(written, nanoseconds):
    assert moment_ns(written, None) == nanoseconds


@pytest.mark.parametrize(
    "written",
    ["yesterday", "2026-02-30T00:00Z", "2026-03-01T25:00Z", "12:00", "2026-03-01", "2026-03-01T12:05:00",
     "2026-03-01T12:05:00+25:00", 0, -5, 1e14, True, None, ["2026-03-01T12:05:00Z"], "9" * 5000],
)  # fmt: skip
def test_any_other_time_is_a_fault_with_a_hint(written):
    with pytest.raises(PydanticCustomError) as caught:
        moment_ns(written, None)
    assert caught.value.context["hint"]
    assert len(caught.value.context["message"]) < 200


def test_a_local_time_is_read_in_its_zone():
    assert moment_ns("2026-03-01 13:05", BERLIN) == NOON * 10**9
    assert moment_ns("2026-03-01 12:05Z", BERLIN) == NOON * 10**9


def test_an_hour_that_comes_twice_is_the_first_and_one_that_is_skipped_none():
    first = datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2))).timestamp()
    assert moment_ns("2026-10-25 02:30", BERLIN) == int(first) * 10**9
    with pytest.raises(PydanticCustomError, match="does not exist"):
        moment_ns("2026-03-29 02:30", BERLIN)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime", "x" * 5000, "Europe"])
def test_a_zone_that_does_not_exist_is_a_fault(name):
    with pytest.raises(PydanticCustomError, match="no time zone"):
        zone_named(name)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2262, 1, 1)), st.integers(-23 * 60, 23 * 60))  # noqa: DTZ001
def test_what_python_writes_is_what_is_read(local, minutes):
    at = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    assert moment_ns(at.isoformat(), None) == (since // timedelta(microseconds=1)) * 1000
