"""What goes out comes in again as the same cases; every format of OCEL says the same."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from exporting.events import SelectedCases
from exporting.formats import write
from importing.event_log import LogFile, open_event_log
from importing.events.event import ImportedEvent
from tests.importing.conftest import LOGS, Place, differing, mapping, said
from tests.importing.ocel_formats import as_sqlite, as_version_1, as_xml

pytestmark = pytest.mark.slow

OCEL = LOGS / "orders.ocel.json"


@pytest.fixture
def full(place: Place) -> Place:
    """Shared events, open steps, failures, equal times, links."""
    rules = said(
        flow="orders-objects",
        system="desk",
        case={"attribute": "case:concept:name"},
        refs={"customer": "case:customer"},
        kinds={"approval": ["Approve*", "Reject*"]},
        attempt={"value": 2},
        cost={"amount": {"value": 0.25}, "currency": "EUR"},
        outcomes={"last": [{"contains": "Reject order", "outcome": "rejected"}]},
    )
    place.bring((OCEL, mapping("objects")), (LOGS / "orders.xes", rules))
    return place


@pytest.mark.parametrize("form", ["otlp-json", "ocel-json"])
def test_an_export_comes_in_again_as_the_same_cases(
    full: Place, server_place: Place, tmp_path: Path, form: str
) -> None:
    """Out of the embedded store, into one over ClickHouse's HTTP interface, and out of that."""
    (tmp_path / "export").write_bytes(_export(full, form))
    done = server_place.bring(tmp_path / "export")
    assert (done.complete, done.summaries[0].kind) == (True, form)
    before = full.cases()
    assert len(before) == 4
    assert not (found := differing(server_place.cases(), before)), found
    assert _export(server_place, "csv") == _export(full, "csv")


def _export(place: Place, form: str) -> bytes:
    store = place.store()
    try:
        selection = SelectedCases("default", "orders-objects", only=[row["CaseId"] for row in place.cases()])
        return b"".join(write(store, selection, form))
    finally:
        store.close()


def test_every_format_of_ocel_says_the_same(tmp_path: Path) -> None:
    expected = [_told(event) for event in _events(OCEL)]
    assert len(expected) == 7
    assert [_told(event) for event in _events(as_xml(OCEL, tmp_path / "log.xml"))] == expected
    assert [_told(event) for event in _events(as_sqlite(OCEL, tmp_path / "log.sqlite"))] == expected
    without = [_told(event, "ocel.", "flow.link.", "flow.value.") for event in _events(OCEL)]
    older = [_told(event, "flow.value.") for event in _events(as_version_1(OCEL, tmp_path / "log.json"))]
    assert older == without


def test_a_changing_attribute_has_the_value_of_its_time_and_links_stand_on_the_first_event() -> None:
    of_first = [event for event in _events(OCEL) if event.attributes.get("flow.case.id") == "O-1"]
    assert [event.attributes["flow.value.amount"] for event in of_first] == [100.5, 90.25]
    assert of_first[0].attributes["flow.link.order.item"] == ["O-1", "I-1", "O-1", "I-2"]
    assert "flow.link.order.item" not in of_first[1].attributes


def _events(log: Path) -> Iterator[ImportedEvent]:
    problems: list[Exception] = []
    with ExitStack() as stack:
        for events in open_event_log(LogFile(log, mapping("objects")), stack, problems.append).events():
            yield from events
    assert problems == []


def _told(event: ImportedEvent, *left_out: str) -> tuple[Any, ...]:
    words = {name: value for name, value in event.attributes.items() if not (left_out and name.startswith(left_out))}
    return event.trace_id, event.span_id >> 32, event.step, event.start, event.end, words
