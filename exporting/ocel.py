"""Events as OCEL 2.0 in JSON: cases and identifiers are objects, links are relations between objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from flowtrail import conventions as words

from exporting.distinct import distinct, scratch_database
from exporting.table import STATUS, STATUS_TEXT
from exporting.values import NUMBERS, moment, number, values_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from exporting.events import ExportedEvent

_LINK: Final = "flow.link."
_QUALIFIER: Final = "ocel.qualifier."
_LINK_QUALIFIER: Final = "ocel.link_qualifier."
_RELATIONS: Final = (words.REF_PREFIX, _LINK, _QUALIFIER, _LINK_QUALIFIER)
_FLUSH: Final = 200
LEAD: Final = "ocel.lead"
"""The attribute of an event that names the object type of its case. OCEL has no word for it."""


def write_ocel(events: Iterable[ExportedEvent], lead: str) -> Iterator[bytes]:
    """The log in pieces. ``lead``: the object type of the cases.

    Events come first. Their objects are kept in a temporary file, because any later event may mention them again.
    """
    with scratch_database() as connection:
        objects = _Objects(connection)
        yield b'{"events":['
        pieces: list[bytes] = []
        first = True
        for event in distinct(events, connection):
            pieces += [b"" if first else b",", orjson.dumps(objects.document(event, lead))]
            first = False
            if len(pieces) >= _FLUSH:
                yield b"".join(pieces)
                pieces = []
        yield b"".join([*pieces, b'],"objects":['])
        yield from objects.documents()
        yield b'],"objectTypes":' + orjson.dumps(objects.object_types())
        yield b',"eventTypes":' + orjson.dumps(objects.event_types()) + b"}"


class _Objects:
    """The objects and types of the events so far."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._types: dict[str, None] = {}
        self._attributes: dict[str, dict[str, str]] = {}
        connection.execute("CREATE TABLE objects (id TEXT, type TEXT, PRIMARY KEY (type, id)) WITHOUT ROWID")
        connection.execute("CREATE TABLE names (id TEXT PRIMARY KEY, type TEXT) WITHOUT ROWID")
        connection.execute("CREATE TABLE links (type TEXT, id TEXT, target TEXT, qualifier TEXT)")
        connection.execute("CREATE INDEX by_object ON links (type, id)")

    def document(self, event: ExportedEvent, lead: str) -> dict[str, Any]:
        """``event`` in OCEL. Its objects are stored."""
        self._link(event)
        attributes = [*_attributes(event), *([{"name": LEAD, "value": lead}] if event.own_case else [])]
        names = [attribute["name"] for attribute in attributes]
        event_type = event.attributes.get(words.STEP, event.name)
        types = self._attributes.setdefault(event_type, {})
        types.update((name, "float" if name in NUMBERS else "string") for name in names)
        return {
            "id": event.event_id,
            "type": event_type,
            "time": moment(event.end),
            "attributes": attributes,
            "relationships": list(self._relations(event, lead)),
        }

    def documents(self) -> Iterator[bytes]:
        """The objects in OCEL, in pieces."""
        separator = b""
        for kind, own in self._connection.execute("SELECT type, id FROM objects ORDER BY type, id"):
            sql = "SELECT DISTINCT target, qualifier FROM links WHERE type = ? AND id = ?"
            related = self._connection.execute(sql, (kind, own)).fetchall()
            document: dict[str, Any] = {"id": self._unique_id(kind, own), "type": kind, "attributes": []}
            if related:
                document["relationships"] = [
                    {"objectId": target, "qualifier": qualifier} for target, qualifier in related
                ]
            yield separator + orjson.dumps(document)
            separator = b","

    def object_types(self) -> list[dict[str, Any]]:
        return [{"name": kind, "attributes": []} for kind in self._types]

    def event_types(self) -> list[dict[str, Any]]:
        return [
            {"name": event_type, "attributes": [{"name": name, "type": kind} for name, kind in types.items()]}
            for event_type, types in self._attributes.items()
        ]

    def _relations(self, event: ExportedEvent, lead: str) -> Iterator[dict[str, str]]:
        if event.own_case:
            qualifier = values_of(event.attributes.get(_QUALIFIER + lead, "")) or ["case"]
            yield self._relation(lead, event.own_case, qualifier[0])
        for word, text in event.attributes.items():
            if not word.startswith(words.REF_PREFIX):
                continue
            kind, ids = word.removeprefix(words.REF_PREFIX), values_of(text)
            qualifiers = values_of(event.attributes.get(_QUALIFIER + kind, ""))
            for index, own in enumerate(ids):
                yield self._relation(kind, own, qualifiers[index] if index < len(qualifiers) else kind)

    def _relation(self, kind: str, own: str, qualifier: str) -> dict[str, str]:
        self._types.setdefault(kind)
        self._connection.execute("INSERT OR IGNORE INTO objects VALUES (?, ?)", (own, kind))
        return {"objectId": self._unique_id(kind, own), "qualifier": qualifier}

    def _unique_id(self, kind: str, own: str) -> str:
        """The id of an object in OCEL: ``own``, or ``kind:own`` if another type has used that id before."""
        # Our ids are unique within a type, those of OCEL over all types.
        self._connection.execute("INSERT OR IGNORE INTO names VALUES (?, ?)", (own, kind))
        first = self._connection.execute("SELECT type FROM names WHERE id = ?", (own,)).fetchone()[0]
        return own if first == kind else f"{kind}:{own}"

    def _link(self, event: ExportedEvent) -> None:
        for word, text in event.attributes.items():
            source, dot, target = word.removeprefix(_LINK).partition(".")
            if not (word.startswith(_LINK) and dot):
                continue
            ids = values_of(text)
            qualifiers = values_of(event.attributes.get(f"{_LINK_QUALIFIER}{source}.{target}", ""))
            # The list alternates: an id of the source type, then the id of the target type that it leads to.
            for index, (source_id, target_id) in enumerate(zip(ids[::2], ids[1::2], strict=False)):
                self._relation(source, source_id, "")
                reached = self._relation(target, target_id, "")["objectId"]
                qualifier = qualifiers[index] if index < len(qualifiers) else ""
                link = (source, source_id, reached, qualifier)
                self._connection.execute("INSERT INTO links VALUES (?, ?, ?, ?)", link)


def _attributes(event: ExportedEvent) -> list[dict[str, Any]]:
    values: dict[str, Any] = {
        "start": moment(event.start),
        words.SERVICE_NAME: event.system,
        STATUS: "ERROR" if event.failed == "Error" else "",
        STATUS_TEXT: event.message,
    }
    for word, text in event.attributes.items():
        if not word.startswith(_RELATIONS) and word != words.CASE_ID:
            values[word] = number(text) if word in NUMBERS else text
    return [{"name": name, "value": value} for name, value in values.items() if value not in {"", None}]
