import pytest

from cases import instants
from cases.errors import CasesError
from cases.kpis import KpiQuery, Window
from cases.kpis.window import MAX_BUCKETS
from tests.cases.kpis.records import HOUR, at


def hours_of(window):
    return [(bucket.end - bucket.start) / HOUR for bucket in window.buckets]


def labels_of(window):
    return [bucket.label for bucket in window.buckets]


def parse(now="2026-04-08T12:00:00", **words):
    return KpiQuery.parse({name.rstrip("_"): word for name, word in words.items()}, at(now))


def test_a_week_in_which_the_clock_changes_has_167_or_169_hours():
    spring = parse(from_="2026-03-16", to="2026-04-06", tz="Europe/Berlin").window
    autumn = parse(from_="2026-10-19", to="2026-11-02", tz="Europe/Berlin").window
    assert hours_of(spring) == [168, 167, 168]
    assert hours_of(autumn) == [169, 168]


def test_a_day_that_has_no_midnight_begins_where_the_clock_jumps_to():
    window = parse(from_="2025-03-29", to="2025-04-01", tz="Asia/Beirut", interval="day").window
    assert labels_of(window) == [
        "2025-03-29T00:00:00+02:00",
        "2025-03-30T01:00:00+03:00",
        "2025-03-31T00:00:00+03:00",
    ]
    assert hours_of(window) == [24, 23, 24]


def test_a_day_that_has_two_midnights_begins_at_the_first():
    window = parse(from_="2025-11-01", to="2025-11-04", tz="America/Havana", interval="day").window
    assert hours_of(window) == [24, 25, 24]
    assert labels_of(window)[1] == "2025-11-02T00:00:00-04:00"


def test_an_hour_that_comes_twice_is_two_buckets():
    window = parse(from_="2026-10-25T00:00:00Z", to="2026-10-25T03:00:00Z", tz="Europe/Berlin", interval="hour").window
    assert labels_of(window) == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]


def test_an_event_just_before_local_midnight_belongs_to_the_day_that_ends():
    window = parse(from_="2026-06-01", to="2026-06-03", tz="America/Los_Angeles", interval="day").window
    late = at("2026-06-02T06:59:59") + 999_999_999
    assert [bucket.start <= late < bucket.end for bucket in window.buckets] == [True, False]


def test_without_dates_the_window_is_six_whole_iso_weeks_and_the_current_one():
    window = parse(now="2026-04-08T12:00:00", tz="Europe/Berlin").window
    assert labels_of(window)[0] == "2026-02-23T00:00:00+01:00"
    assert labels_of(window)[-1] == "2026-04-06T00:00:00+02:00"
    assert len(window.buckets) == 7


def test_sunday_evening_in_berlin_is_monday_in_tokyo():
    berlin, tokyo = (parse(now="2026-04-05T20:00:00", tz=tz).window for tz in ("Europe/Berlin", "Asia/Tokyo"))
    assert labels_of(berlin)[-1].startswith("2026-03-30")
    assert labels_of(tokyo)[-1].startswith("2026-04-06")


def test_the_first_and_the_last_bucket_are_cut_to_the_window():
    window = parse(from_="2026-04-01", to="2026-04-14", interval="week").window
    assert labels_of(window) == [f"2026-04-{day}T00:00:00+00:00" for day in ("01", "06", "13")]
    assert hours_of(window) == [5 * 24, 7 * 24, 24]


def test_months_are_of_the_local_calendar():
    window = parse(from_="2026-01-31", to="2026-03-02", tz="Asia/Kolkata", interval="month").window
    assert [label[:10] for label in labels_of(window)] == ["2026-01-31", "2026-02-01", "2026-03-01"]


def test_nanoseconds_of_an_instant_survive_reading_and_writing():
    text = "2026-04-08T12:00:00.123456789Z"
    assert instants.rfc3339(instants.parse_rfc3339(text, "as_of")) == text
    assert instants.rfc3339(at("2026-04-08T12:00:00") + 5_000_000) == "2026-04-08T12:00:00.005Z"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"tz": "Mars/Olympus"}, "tz=Mars/Olympus is not a time zone. Use an IANA name such as Europe/Berlin"),
        ({"tz": "../../etc/passwd"}, "is not a time zone"),
        ({"tz": "localtime"}, "is not a time zone"),
        ({"tz": "+02:00"}, "is not a time zone"),
        ({"interval": "fortnight"}, "Use one of: hour, day, week, month, none."),
        ({"from_": "yesterday"}, "from=yesterday is not a time. Use a date (2026-03-29) or an RFC 3339 time"),
        ({"from_": "2026-02-30"}, "from=2026-02-30 is not a day of the calendar"),
        ({"to": "2026-03-01T00:00:00"}, "with its offset"),
        ({"to": "2026-03-01T00:00:00 02:00"}, "write + as %2B"),
        ({"to": "2026-03-01T25:00:00Z"}, "is not a time"),
        ({"from_": "1066-10-14"}, "Use a year from 1970 to 2099."),
        ({"from_": "2026-03-02", "to": "2026-03-02"}, "The window is empty"),
        ({"from_": "2020-01-01", "to": "2026-01-01", "interval": "hour"}, f"more than {MAX_BUCKETS} buckets"),
        ({"group_by": "x" * 201}, "group_by is too long"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused_with_what_to_write_instead(words, complaint):
    with pytest.raises(CasesError) as caught:
        parse(**words)
    assert caught.value.code == "invalid"
    assert complaint in str(caught.value)


def test_a_window_is_said_in_utc_with_its_rules():
    window = Window(at("2026-03-29T22:00:00"), at("2026-04-05T22:00:00"), "Europe/Berlin", "week")
    assert window.to_json() == {
        "from": "2026-03-29T22:00:00Z",
        "to": "2026-04-05T22:00:00Z",
        "tz": "Europe/Berlin",
        "interval": "week",
        "week_rule": "ISO 8601 (Monday)",
        "week_starts": 1,
    }
