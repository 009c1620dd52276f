import json
from zoneinfo import ZoneInfo

import pytest

from dashboards.figures.marks import LOOKS, hover, kind
from dashboards.figures.scene import PART, even_spacing_reads_better, scene
from dashboards.figures.sequence import cost_title, sequence
from dashboards.figures.timescale import timescale
from tests.dashboards.fixture_trails import HOSTILE, TRAILS

BERLIN = ZoneInfo("Europe/Berlin")
FINISHED, IN_FLIGHT = TRAILS["SO-10427"], TRAILS["SO-10431"]


def drawn(trail, draw=sequence, *, plain=False):
    return draw(scene(trail, BERLIN, plain=plain))


def traces(figure):
    return {trace.name: trace for trace in figure.data}


def test_events_stand_in_order_in_the_lane_of_their_system():
    figure = drawn(FINISHED)
    drawn_at = {}
    for look in LOOKS.values():
        trace = traces(figure).get(look.name)
        drawn_at |= dict(zip(trace.x, trace.y, strict=True)) if trace else {}
    lanes = FINISHED["lanes"]
    steps = [event for event in FINISHED["events"] if not event["plain"]]
    assert drawn_at == {column: -lanes.index(event["system"]) for column, event in enumerate(steps)}


def test_business_and_infrastructure_errors_differ_in_colour_and_in_shape():
    named = traces(drawn(FINISHED))
    business, infrastructure = named["business error"], named["infrastructure error"]
    assert list(business.text) == ["3"]
    assert list(infrastructure.text) == ["8", "9"]
    assert business.marker.color != infrastructure.marker.color
    assert business.marker.symbol != infrastructure.marker.symbol


def test_attempts_sharing_waits_and_costs_are_written():
    named = traces(drawn(FINISHED))
    assert list(named["retries"].text) == ["retry 1", "retry 2"]
    assert list(named["shared"].text) == ["3 cases"] * 5
    assert "<b>2.2 d</b>" in named["waits"].text
    assert "400 ms" in named["waits"].text
    assert list(named["costs"].text) == ["0.02", "0.15", "0.02", "0.90", "0.35", "0.35", "0.35", "0.05"]
    assert cost_title(scene(FINISHED, BERLIN)) == "Cost, EUR"


def test_costs_in_two_currencies_are_written_with_their_currency():
    paid = zip(FINISHED["events"][2:], ("EUR", "USD"), strict=False)
    events = [event | {"cost": {"amount": "1", "currency": code}} for event, code in paid]
    shown = scene(FINISHED | {"events": events}, BERLIN)
    assert list(traces(sequence(shown))["costs"].text) == ["1.00 EUR", "1.00 USD"]
    assert cost_title(shown) == "Cost"


def test_a_step_in_progress_is_an_open_bar_up_to_now():
    figure = drawn(IN_FLIGHT)
    bars = [shape for shape in figure.layout.shapes if shape.line.dash == "dot" and shape.type == "rect"]
    assert [(bar.x0, bar.x1) for bar in bars] == [(4, 5)]
    assert "<b>now</b>" in [note.text for note in figure.layout.annotations]
    assert list(traces(figure)["open"].text) == ["<b>2 d 6 h</b>"]


def test_a_finished_case_has_no_now():
    assert "<b>now</b>" not in [note.text for note in drawn(FINISHED).layout.annotations]


def test_plain_spans_are_drawn_only_when_asked_for():
    assert "plain span" not in traces(drawn(FINISHED))
    assert list(traces(drawn(FINISHED, plain=True))["plain span"].x) == [1]


def test_days_are_those_of_the_readers_zone():
    notes = [note.text for note in drawn(FINISHED).layout.annotations]
    assert notes == ["Mon 16 Nov 2026", "Wed 18 Nov 2026", "Thu 19 Nov 2026", "Sat 21 Nov 2026"]


def test_the_time_scale_has_bars_as_long_as_steps_took():
    figure = drawn(FINISHED, timescale)
    bars = [shape for shape in figure.layout.shapes if shape.type == "rect" and shape.xref != "x domain"]
    pick = next(bar for bar in bars if (bar.x1 - bar.x0).total_seconds() == 640)
    assert pick.x0.isoformat() == "2026-11-18T14:44:25.420000"


def test_even_spacing_is_chosen_where_a_wait_would_squash_the_rest():
    assert even_spacing_reads_better(scene(FINISHED, BERLIN))
    assert even_spacing_reads_better(scene(IN_FLIGHT, BERLIN))
    long = TRAILS["SO-99"]
    assert not even_spacing_reads_better(scene(long | {"case": long["case"] | {"in_flight": False}}, BERLIN))


def test_a_very_long_trail_is_shown_in_parts_the_last_one_first():
    events = [TRAILS["SO-1"]["events"][0]] * (2 * PART + 5)
    trail = TRAILS["SO-1"] | {"events": events}
    last, first = scene(trail, BERLIN), scene(trail, BERLIN, part=1)
    assert [number for number, _ in last.events] == [401, 402, 403, 404, 405]
    assert (len(first.events), first.parts) == (PART, 3)
    assert last.ends_now
    assert not first.ends_now
    assert scene(trail, BERLIN, part=9).part == 3


@pytest.mark.parametrize("draw", [sequence, timescale])
@pytest.mark.parametrize("case_id", list(TRAILS))
def test_every_trail_can_be_drawn(draw, case_id):
    assert drawn(TRAILS[case_id], draw, plain=True).to_json()


def test_markup_in_telemetry_is_text_in_figures():
    figure = json.loads(drawn(TRAILS[HOSTILE]).to_json())
    words = json.dumps(figure["data"]) + json.dumps(figure["layout"]["xaxis"]["ticktext"])
    assert "<img" not in words
    assert "<a href" not in words
    assert "&lt;img" in words


@pytest.mark.parametrize("draw", [sequence, timescale])
def test_markup_in_a_currency_is_text_in_figures(draw):
    hostile = '<a href="https://x">'
    paid = zip(FINISHED["events"], ("EUR", hostile), strict=False)
    events = [event | {"cost": {"amount": "1", "currency": code}} for event, code in paid]
    words = str(draw(scene(FINISHED | {"events": events}, BERLIN, plain=True)).to_dict())
    assert "<a href" not in words
    assert "&lt;a href" in words


def test_an_unknown_error_class_is_drawn_as_unclassified():
    event = FINISHED["events"][0] | {"failed": True, "error": {"class": "new", "type": "x", "message": ""}}
    assert kind(event) == "unclassified"
    assert "new error" in hover(event, 1, BERLIN)
