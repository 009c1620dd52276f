"""What cannot be read is named: file, line or record, field, why, and what to do."""

import gzip
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from importing.errors import ImportFailed, Unreadable
from importing.event_log import LogFile, open_event_log
from importing.events.event import ImportedEvent
from importing.mapping.mapping import Mapping
from importing.reading.file_format import format_of, stem
from tests.importing.conftest import LOGS, mapping, said
from tests.importing.ocel_formats import as_sqlite, as_version_1, as_xml

Read = tuple[list[ImportedEvent], list[Unreadable]]


def read(path: Path, rules: Mapping | None = None, kind: str = "") -> Read:
    """The events of a log and what was complained of."""
    problems: list[Unreadable] = []
    with ExitStack() as stack:
        opened = open_event_log(LogFile(path, rules or Mapping(), kind), stack, problems.append)
        return [event for events in opened.events() for event in events], problems


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "log"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_rows_that_cannot_be_events_are_named_by_line_and_field(tmp_path: Path) -> None:
    log = tmp_path / "bad.csv"
    log.write_bytes(
        b"case_id,activity,timestamp,amount\n"
        b"1,A,2026-01-01T00:00:00Z,12\n"
        b"1,B,yesterday,12\n"
        b",C,2026-01-01T00:00:00Z,12\n"
        b"1,D,2026-01-01T00:00:00Z\n"
        b"1,\xff,2026-01-01T00:00:00Z,12\n"
        b'1,"two\nlines",1999-12-31T00:00:00Z,12\n'
        b"1,F,2026-01-01T00:00:00Z,much\n"
        b"1,,2026-01-01T00:00:00Z,1\n"
    )
    events, problems = read(log)
    assert [(event.step, event.attributes.get("flow.value.amount")) for event in events] == [("A", 12.0), ("F", None)]
    told = sorted((problem.place.number, problem.field, problem.why) for problem in problems)
    assert told == [
        (3, "timestamp", "'yesterday' is not a time in ISO 8601."),
        (4, "", "it names no case and no id."),
        (5, "", "the row has 3 columns, the header 4."),
        (6, "", "it holds bytes that are no text in the encoding of the file."),
        (7, "timestamp", "1999-12-31 lies before the year 2000 or in the future."),
        (9, "flow.value.amount", "'much' is not a number."),
        (10, "activity", "there is no value."),
    ]
    assert all(problem.remedy and problem.place.file == "bad.csv" for problem in problems)


def test_a_broken_file_ends_in_a_sentence(written: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match=r"line 2: this is not well-formed XML"):
        read(written('<log xes.version="1.0">\n<trace></log>'))
    with pytest.raises(ImportFailed, match="declares a document type"):
        read(written('<!DOCTYPE log [<!ENTITY a "aaaa">]>\n<log>&a;</log>'))
    with pytest.raises(ImportFailed, match="not whole JSON"):
        read(written('{"objects": [], "events": [{"id": "e1"'))
    with pytest.raises(ImportFailed, match="nobody can tell"):
        read(written("no log at all"))
    whole = gzip.compress((LOGS / "orders.xes").read_bytes())
    (tmp_path / "cut.xes.gz").write_bytes(whole[:-30])
    with pytest.raises(ImportFailed, match="cannot be unpacked"):
        read(tmp_path / "cut.xes.gz")


def test_the_format_is_told_by_the_content(tmp_path: Path) -> None:
    ocel = LOGS / "orders.ocel.json"
    otlp = tmp_path / "spans"
    otlp.write_text('{"resourceSpans": []}', encoding="utf-8")
    packed = tmp_path / "orders"
    packed.write_bytes(gzip.compress((LOGS / "orders.xes").read_bytes()))
    found = [
        format_of(path)
        for path in (
            packed, LOGS / "orders.csv", ocel, as_xml(ocel, tmp_path / "a"), as_sqlite(ocel, tmp_path / "b"),
            as_version_1(ocel, tmp_path / "c"), otlp,
        )
    ]  # fmt: skip
    assert found == ["xes", "csv", "ocel-json", "ocel-xml", "ocel-sqlite", "ocel1-json", "otlp-json"]
    assert [stem(Path(name)) for name in ("a/log.xes.gz", "b.ocel.json", "c")] == ["log", "b", "c"]


def test_times_are_exact_and_read_in_the_zone_that_is_said(written: Callable[[str], Path]) -> None:
    def ends(times: dict[str, str], *texts: str) -> list[int]:
        log = written("\n".join(["case_id,activity,end", *(f"1,A,{text}" for text in texts)]))
        return [event.end for event in read(log, said(times=times), "csv")[0]]

    assert ends({}, "2026-07-01T12:00:00.123456789Z", "2026-07-01T12:00:00") == [
        1782907200123456789,
        1782907200000000000,
    ]
    berlin = {"zone": "Europe/Berlin"}
    assert ends(berlin, "2026-07-01 12:00:00", "2026-01-01 12:00:00") == [1782900000000000000, 1767265200000000000]
    german = {**berlin, "format": "%d.%m.%Y %H:%M"}
    assert ends(german, "01.07.2026 12:00") == [1782900000000000000]
    assert ends({"format": "ms"}, "1782900000123.5") == [1782900000123500000]


def test_a_mapping_says_what_does_not_fit() -> None:
    for words, message in (
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"refs": {"Customer": "x"}}, "'Customer' cannot be a type of id"),
        ({"case": {"attribute": "a", "value": "b"}}, "case: say exactly one of attribute, template and value"),
        ({"times": {"zone": "Mars"}}, "'Mars' is not an IANA time zone"),
        ({"actions": {"approve": "/(/"}}, "is not a regular expression"),
        ({"case": "a", "no_case": True}, "say case or no_case, not both"),
    ):
        with pytest.raises(ImportFailed, match="The mapping a test does not fit") as raised:
            said(**words)
        assert message in str(raised.value)


def test_values_are_selected_matched_replaced_and_filled_in(tmp_path: Path) -> None:
    log = tmp_path / "values.csv"
    log.write_text(
        "id,what,when,who,n_2,n_10,n_1,kind\n"
        "order 7,X,2026-01-01T00:00:00Z,UNKNOWN,B,J,A,1\norder 7,Y,2026-01-01T00:00:00Z,r2d2,UNKNOWN,J,A,2\n",
        encoding="utf-8",
    )
    rules = said(
        case={"attribute": "id", "match": r"order (\d+)"},
        activity="what", timestamp="when", resource="who", flow={"template": "flow-{kind}"}, system="desk",
        actor={"rules": [{"match": "/^r2/", "type": "service"}], "otherwise": "human"},
        refs={"number": "n_*"}, dimensions={"kind": {"attribute": "kind", "map": {"1": "one"}}},
        links=[{"source_type": "a", "source": "n_1", "target_type": "b", "target": "n_*"}],
        steps={"X": "begin"}, nulls=["UNKNOWN"], keep=["wh*"], errors={"classes": {"business": "Y"}},
    )  # fmt: skip
    (first, second), problems = read(log, rules)
    assert problems == []
    assert first.attributes == {
        "flow.name": "flow-1", "flow.case.id": "7", "flow.step": "begin", "flow.actor.type": "human",
        "flow.ref.number": ["A", "B", "J"], "flow.dim.kind": "one",
        "flow.link.a.b": ["A", "A", "A", "B", "A", "J"],
    }  # fmt: skip
    assert (second.attributes["flow.actor.type"], second.attributes["flow.ref.number"]) == ("service", ["A", "J"])
    assert (second.failed, second.attributes["flow.error.class"]) == (True, "business")


def test_an_event_without_objects_is_set_aside(written: Callable[[str], Path]) -> None:
    document = json.loads((LOGS / "orders.ocel.json").read_text(encoding="utf-8"))
    document["events"][2]["relationships"] = []
    document["events"][3]["relationships"][0]["objectId"] = "I-99"
    document["objects"][5]["relationships"] = [{"objectId": "P-1", "qualifier": "in"}]
    document["objects"].append({"id": "I-0", "type": "Item", "relationships": [{"objectId": "P-1", "qualifier": "in"}]})
    events, problems = read(written(json.dumps(document)), mapping("objects"))
    assert len(events) == 5
    assert sorted((problem.place.number, problem.why) for problem in problems) == [
        (0, "1 relations between objects start at an object that no event relates to."),
        (3, "it relates to no object."),
        (4, "it relates to no object."),
        (4, "it relates to the object 'I-99', which the log does not have."),
    ]
