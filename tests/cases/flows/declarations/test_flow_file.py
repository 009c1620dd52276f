"""Flow files: what they mean, and where each of their errors is."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cases.flows.declarations import DeclarationInvalid, Price, Routing, Step, parse_declaration, read_declaration
from cases.flows.declarations.duration import duration_text, seconds_of
from cases.flows.declarations.hours import hours_of_week, week_of
from cases.flows.declarations.schema import schema_text

WHOLE = """
flow: order-to-cash
version: "2"
owner: {name: Order desk, contact: orders@example.com}
lead: order
paths: ["order > item>package", order > invoice]
hub_limit: 50
steps:
  capture-order: {kind: start}
  approve-order: {kind: approval, optional: true, touches: [approve, reject], timeout: 4h, escalate_to: manager}
  book-carrier: {price: {per_attempt: 0.02, per_second: "0.000000001", currency: EUR}, loop: true}
  check the goods:
  settle: {kind: end, ends: completed}
outcomes: {completed: success, rejected: failure}
dimensions: [channel, segment, route]
segments: [channel]
routing: {dimension: route, automated: [auto], manual: [manual], cohort: [segment]}
sla: 5d
touchless_target: 0.8
calendar:
  time_zone: Europe/Berlin
  week: sunday
  business_hours: {mon-fri: "09:00-12:30, 13:00-17:00", sat: 9:00-12:00}
  holidays: [2026-12-25]
"""
LEAST = {"flow": "o2c", "lead": "order", "paths": ["order > item > package", "order > invoice"]}


@pytest.fixture
def read(tmp_path):
    def reading(text, name="flow.yaml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return read_declaration(file)

    return reading


def test_everything_a_file_can_say_is_meant(read):
    flow = read(WHOLE)
    assert (flow.name, flow.version, flow.owner.name, flow.owner.contact) == (
        "order-to-cash", "2", "Order desk", "orders@example.com",
    )  # fmt: skip
    assert flow.edges == (("order", "item"), ("item", "package"), ("order", "invoice"))
    assert (flow.depth, flow.hub_limit, flow.sla_s, flow.touchless_target) == (2, 50, 432_000, 0.8)
    assert flow.steps == (
        Step("capture-order", kind="start"),
        Step("approve-order", "approval", True, False, ("approve", "reject"), None, 14_400, "manager"),
        Step("book-carrier", loop=True, price=Price(Decimal("0.02"), Decimal("1E-9"), "EUR")),
        Step("check the goods"),
        Step("settle", kind="end", ends="completed"),
    )  # fmt: skip
    assert (flow.outcomes, flow.successes) == ({"completed": True, "rejected": False}, ("completed",))
    assert flow.routing == Routing("route", ("auto",), ("manual",), ("segment",))
    day = ((540, 750), (780, 1020))
    assert flow.calendar.business_hours == (day, day, day, day, day, ((540, 720),), ())
    assert (flow.calendar.time_zone, flow.calendar.week_starts) == ("Europe/Berlin", 7)
    assert flow.calendar.holidays == (date(2026, 12, 25),)


def test_what_is_left_out_has_a_meaning():
    flow = parse_declaration(LEAST, "x")
    assert (flow.version, flow.steps, flow.sla_s, flow.hub_limit, flow.routing) == ("", (), 0, 100, None)
    assert (flow.successes, flow.calendar.time_zone, flow.calendar.week_starts) == (("completed",), "UTC", 1)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "1: flow: this is missing. Write it like flow: order-to-cash"),
        ("flow: no", "3: flow: False is true or false, not text. YAML reads yes, no, on and off as"),
        ("flow: x\nverson: a", "4: verson: there is no such field. Did you mean version?"),
        ("flow: x\nversion: 1.10", '4: version: 1.1 is a number, not text. Put it in quotes: "1.10"'),
        ("flow: x\nlead: a", "4: 'lead' is here twice"),
        ("flow: x\nsteps: {a: {kind: aproval}}", "4: steps.a.kind: 'aproval' is not one of task, approval"),
        ("flow: x\nsteps: {a: start}", "4: steps.a: 'start' is a text, but fields belong here"),
        ("flow: x\nsteps: {a: {timeout: 4h}}", "4: steps.a: timeout and escalate_to are for approvals"),
        ("flow: x\nsteps: {a: {kind: approval, timeout: 90}}", "Write it with its unit. Write it like timeout: 4h"),
        ("flow: x\nsteps: {a: {price: {currency: EUR}}}", "4: steps.a.price: a price needs per_attempt, per_second"),
        ("flow: x\nsteps: {a: {price: {per_attempt: 1, currency: euro}}}", "4: steps.a.price.currency: 'euro'"),
        ("flow: x\nsteps: {a: {ends: done}}", "4: steps.a.ends: the outcome 'done' is not among outcomes"),
        ("flow: x\noutcomes: {a: failure}", "4: outcomes: none of them is a success"),
        ("flow: x\nsla: 5 days", "4: sla: '5 days' is not a duration"),
        ("flow: x\nhub_limit: 0", "4: hub_limit: 0: input should be greater than or equal to 1"),
        ("flow: x\ntouchless_target: 80", "4: touchless_target: 80: input should be less than or equal to 1"),
        ("flow: x\ndimensions: [a]\nsegments: [b]", "5: segments: b is not among dimensions"),
        ("flow: x\nrouting: {dimension: r, automated: [a], manual: [a]}", "4: routing: a: both automated and manual"),
        ("flow: x\ncalendar: {time_zone: Lisbon}", "'Lisbon' is not a time zone; take a name like Europe/Lisbon"),
        ("flow: x\ncalendar: {business_hours: {mon-fri: 9-17}}", "'9-17' is not a range of hours; write 09:00-17:00"),
        ("flow: x\ncalendar: {business_hours: {fri-mon: 9:00-17:00}}", "'fri-mon' ends before it starts"),
        ("flow: x\ncalendar: {business_hours: {mon-fri: 9:00-17:00, tue: 9:00-17:00}}", "tue is named twice"),
        ("flow: x\ncalendar: {holidays: [2026-13-01]}", "a value cannot be read: month must be in 1..12"),
        ("flow: [", "this is not YAML"),
    ],
)  # fmt: skip
def test_an_error_names_file_line_field_and_what_to_write(read, line, says):
    with pytest.raises(DeclarationInvalid) as caught:
        read(f"lead: order\npaths: []\n{line}\n")
    assert says in str(caught.value)
    assert "flow.yaml:" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lead": "case"}, "not a name for an id type"),
        ({"lead": "an order"}, "not a name for an id type"),
        ({"paths": "order > item"}, "a list belongs here. Write it like paths: "),
        ({"paths": ["order"]}, "has only one type"),
        ({"paths": ["item > package"]}, "does not start at the lead type"),
        ({"paths": ["order > item > order"]}, "item > order > item is a cycle"),
        ({"paths": ["order > a > b > c > a"]}, "a > b > c > a is a cycle"),
        ({"paths": [" > ".join(["order", *(f"t{n}" for n in range(20))])]}, "longer than 16 hops"),
    ],
)
def test_paths_that_cannot_be_meant_are_refused(change, message):
    with pytest.raises(DeclarationInvalid, match=message) as caught:
        parse_declaration({**LEAST, **change}, "flow.yaml")
    assert caught.value.code == "invalid"


def test_every_error_of_a_file_is_told_at_once_in_the_order_of_lines(read):
    with pytest.raises(DeclarationInvalid) as caught:
        read("flow: x\nlead: Order Nr\npaths: []\nsteps:\n  no: {}\n  b: {knd: start}\nsla: soon\n")
    assert [(problem.line, problem.field) for problem in caught.value.problems] == [
        (2, "lead"), (4, "steps"), (6, "steps.b.knd"), (7, "sla"),
    ]  # fmt: skip


def test_durations_and_weeks_are_read_and_written():
    texts = ("90s", "15m", "4h", "5d", "1w", "1h30m", "PT4H", "P1DT2H", "P2W")
    assert [seconds_of(text) for text in texts] == [90, 900, 14_400, 432_000, 604_800, 5_400, 14_400, 93_600, 1_209_600]
    assert [duration_text(s) for s in (90, 900, 432_000, 604_800)] == ["90s", "15m", "5d", "1w"]
    for text in ("", "0s", "P", "PT", "4", "1y", "P1M", "-4h", "999999w"):
        with pytest.raises(ValueError, match="is not a duration"):
            seconds_of(text)
    hours = {"mon-wed": "08:00-24:00", "fri": "09:00-12:00, 13:00-17:00", "sat-sun": "10:00-11:00"}
    assert hours_of_week(week_of(hours)) == hours


def test_the_published_schema_is_the_one_that_is_checked(repository: Path):
    assert (repository / "docs/flow.schema.json").read_text(encoding="utf-8") == schema_text()
