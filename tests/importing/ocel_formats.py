# ruff: noqa: S608 - names of our own
"""The one small OCEL log of these tests in the other formats of OCEL."""

import json
import sqlite3
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr


def as_xml(log: Path, into: Path) -> Path:
    """OCEL 2.0 in XML."""
    document = json.loads(log.read_text(encoding="utf-8"))
    objects = "".join(_xml("object", {"id": one["id"], "type": one["type"]}, one) for one in document["objects"])
    events = "".join(
        _xml("event", {"id": one["id"], "type": one["type"], "time": one["time"]}, one) for one in document["events"]
    )
    into.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><log><object-types/><event-types/><objects>{objects}</objects>'
        f"<events>{events}</events></log>",
        encoding="utf-8",
    )
    return into


def _xml(tag: str, own: dict[str, str], one: dict[str, Any]) -> str:
    attributes = "".join(
        f"<attribute name={quoteattr(each['name'])} time={quoteattr(each.get('time', ''))}>{each['value']}</attribute>"
        for each in one.get("attributes", ())
    )
    related = "".join(
        f"<relationship object-id={quoteattr(each['objectId'])} qualifier={quoteattr(each['qualifier'])}/>"
        for each in one.get("relationships", ())
    )
    words = " ".join(f"{name}={quoteattr(value)}" for name, value in own.items())
    return f"<{tag} {words}><attributes>{attributes}</attributes><objects>{related}</objects></{tag}>"


def as_sqlite(log: Path, into: Path) -> Path:
    """OCEL 2.0 in SQLite."""
    document = json.loads(log.read_text(encoding="utf-8"))
    connection = sqlite3.connect(into)
    connection.executescript(
        """
        CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT);
        CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT);
        CREATE TABLE event_map_type (ocel_type TEXT, ocel_type_map TEXT);
        CREATE TABLE object_map_type (ocel_type TEXT, ocel_type_map TEXT);
        CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT);
        CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT);
        """
    )
    for what in ("object", "event"):
        for kind in document[f"{what}Types"]:
            table = kind["name"].title().replace(" ", "")
            names = [attribute["name"] for attribute in kind["attributes"]]
            connection.execute(f"INSERT INTO {what}_map_type VALUES (?, ?)", (kind["name"], table))
            changed = "" if what == "event" else ", ocel_changed_field TEXT"
            more = "".join(f", {name}" for name in names)
            connection.execute(f"CREATE TABLE {what}_{table} (ocel_id TEXT, ocel_time TEXT{changed}{more})")
        for one in document[f"{what}s"]:
            _row(connection, what, one)
    connection.commit()
    connection.close()
    return into


def _row(connection: sqlite3.Connection, what: str, one: dict[str, Any]) -> None:
    connection.execute(f"INSERT INTO {what} VALUES (?, ?)", (one["id"], one["type"]))
    related = [(one["id"], each["objectId"], each["qualifier"]) for each in one.get("relationships", ())]
    connection.executemany(
        f"INSERT INTO {'event_object' if what == 'event' else 'object_object'} VALUES (?, ?, ?)", related
    )
    table = f"{what}_{one['type'].title().replace(' ', '')}"
    by_time: dict[str, dict[str, Any]] = {one.get("time", ""): {}} if what == "event" else {}
    for each in one.get("attributes", ()):
        by_time.setdefault(each.get("time", one.get("time", "")), {})[each["name"]] = each["value"]
    for time, values in by_time.items():
        names = ", ".join(["ocel_id", "ocel_time", *values])
        marks = ", ".join("?" * (len(values) + 2))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", (one["id"], time, *values.values()))


def as_version_1(log: Path, into: Path) -> Path:
    """OCEL 1.0 in JSON: no qualifiers, no relations between objects, one value for each attribute of an object."""
    document = json.loads(log.read_text(encoding="utf-8"))
    events = {
        one["id"]: {
            "ocel:activity": one["type"],
            "ocel:timestamp": one["time"],
            "ocel:omap": [each["objectId"] for each in one["relationships"]],
            "ocel:vmap": {each["name"]: each["value"] for each in one["attributes"]},
        }
        for one in document["events"]
    }
    objects = {
        one["id"]: {
            "ocel:type": one["type"],
            "ocel:ovmap": {each["name"]: each["value"] for each in one.get("attributes", ())},
        }
        for one in document["objects"]
    }
    into.write_text(json.dumps({"ocel:global-log": {}, "ocel:events": events, "ocel:objects": objects}), "utf-8")
    return into
