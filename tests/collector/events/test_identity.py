"""The ids of an event's span: the same if it is sent again, different for any other event."""

from __future__ import annotations

import pytest

from tests.collector.events.reading import FULL, SMALL, attributes, read, spans

GOLDEN = ("67616c0686adf1784ceeedb19a2dacb5", "e3a3083dd9e4e3a7")
GOLDEN_CONTENT = ("f5ffc0e3989b25650cde088f4006e97b", "5b417d512db7f0eb")
TIMED = {name: value for name, value in SMALL.items() if name != "id"} | {"time": "2026-03-01T12:00:00Z"}
IDS = {"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331"}


def ids(event: dict, tenant: str = "default") -> tuple[str, str]:
    [(_, span)] = spans(read(event, tenant=tenant))
    return span.trace_id.hex(), span.span_id.hex()


def test_the_ids_never_change_between_versions():
    assert ids(SMALL) == GOLDEN
    assert ids(TIMED) == GOLDEN_CONTENT


def test_the_same_id_is_the_same_span_whatever_the_other_fields():
    assert ids(SMALL) == ids({**SMALL, "step": "reject", "case": "SO-2", "time": 1_760_000_000})


@pytest.mark.parametrize("change", [{"id": "2"}, {"system": "crm"}])
def test_another_id_or_system_is_another_span(change):
    assert set(ids(SMALL)) & set(ids({**SMALL, **change})) == set()


def test_another_tenant_is_another_span():
    assert set(ids(SMALL)) & set(ids(SMALL, "other")) == set()


def test_without_an_id_the_content_decides_not_its_order():
    assert ids(TIMED) == ids(dict(reversed(TIMED.items())))
    assert ids(TIMED) != ids({**TIMED, "time": "2026-03-01T12:00:01Z"})
    assert ids(TIMED) != ids({**TIMED, "id": "1"})


def test_ids_of_its_own_come_first():
    assert ids({**SMALL, **IDS}) == (IDS["trace_id"], IDS["span_id"])
    trace, span = ids({**SMALL, "trace_id": IDS["trace_id"]})
    assert (trace, span) == (IDS["trace_id"], ids(SMALL)[1])


def test_a_started_event_announces_the_finished_one():
    [(_, started)] = spans(read({**SMALL, "state": "started"}))
    assert (started.trace_id.hex(), started.parent_span_id.hex()) == ids(SMALL)
    assert started.span_id != started.parent_span_id
    assert attributes(started)["flow.step.state"] == "started"
    assert started.start_time_unix_nano == started.end_time_unix_nano


def test_of_the_same_id_in_one_request_the_last_one_counts():
    reading = read(SMALL, {**FULL, "id": "2"}, {**SMALL, "step": "reject"})
    assert len(reading.accepted) == 3
    assert [span.name for _, span in spans(reading)] == ["reject", "approve"]
