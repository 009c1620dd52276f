"""OCEL: events that relate to many objects. The objects are read first, into a temporary file, then the events."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson

from importing.errors import Place, Unreadable
from importing.mapping.mapping import TimesPart
from importing.mapping.times import reader
from importing.record import ObjectLink, Record, Relation

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

ACTIVITY: Final = "ocel:activity"
TIMESTAMP: Final = "ocel:timestamp"
EVENT_ID: Final = "ocel:eid"
_MANY: Final = 2000
_PORTION: Final = 1000

_iso: Final = reader(TimesPart())


@dataclass(frozen=True, slots=True)
class OcelObject:
    """``attributes``: (name, value, ISO time or ''). ``related``: (object id, qualifier)."""

    id: str
    type: str
    attributes: Sequence[tuple[str, Any, str]] = ()
    related: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class OcelEvent:
    """``related``: (object id, qualifier). ``number``: its place in the file, from 1."""

    number: int
    id: str
    type: str
    time: str
    attributes: dict[str, Any] = field(default_factory=dict)
    related: Sequence[tuple[str, str]] = ()


class OcelSource(Protocol):
    """A log in one of OCEL's formats; each of the two is read once, objects first."""

    def objects(self) -> Iterator[OcelObject]:
        """The objects in the order of the file."""
        ...

    def events(self) -> Iterator[OcelEvent]:
        """The events, in any order."""
        ...


def read_ocel(
    source: OcelSource, name: str, connection: sqlite3.Connection, complain: Callable[[Unreadable], None]
) -> Iterator[list[Record]]:
    """The events in portions, each with the objects that it relates to."""
    _Objects.load(connection, source.objects())
    objects = _Objects(connection)
    portion: list[Record] = []
    for event in source.events():
        portion.append(_record(event, name, objects, complain))
        if len(portion) == _PORTION:
            yield portion
            portion = []
    yield portion
    if left := objects.unused_links():
        place = Place(name, 0, "event")
        why = f"{left:,} relations between objects start at an object that no event relates to."
        complain(Unreadable(place, "relationships", why, "They are left out; nothing else is missing."))


def _record(event: OcelEvent, name: str, objects: _Objects, complain: Callable[[Unreadable], None]) -> Record:
    place = Place(name, event.number, "event")
    values = {ACTIVITY: event.type, TIMESTAMP: event.time, EVENT_ID: event.id, **event.attributes}
    relations, links = [], []
    shared: dict[str, Any] = {}
    for object_id, qualifier in event.related:
        kind = objects.type_of(object_id)
        if not kind:
            why = f"it relates to the object {object_id!r}, which the log does not have."
            complain(Unreadable(place, "relationships", why, "The event goes without it."))
            continue
        relations.append(Relation(kind, object_id, qualifier))
        links += objects.links_of(Relation(kind, object_id))
        shared.update(objects.attributes_of(kind, object_id, event.time))
    return Record(place, event.number, values, shared, relations, links)


class _Objects:
    """Objects of the log, kept in a temporary database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.type_of = lru_cache(maxsize=100_000)(self._type_of)
        self._changing = lru_cache(maxsize=10_000)(self._attributes)

    @staticmethod
    def load(connection: sqlite3.Connection, objects: Iterable[OcelObject]) -> None:
        connection.execute("CREATE TABLE objects (id TEXT PRIMARY KEY, type TEXT, attributes BLOB) WITHOUT ROWID")
        connection.execute("CREATE TABLE related (source TEXT, target TEXT, qualifier TEXT)")
        connection.execute("BEGIN")
        rows, links = [], []
        for one in objects:
            rows.append((one.id, one.type, orjson.dumps(list(one.attributes)) if one.attributes else None))
            links += [(one.id, target, qualifier) for target, qualifier in one.related]
            if len(rows) >= _MANY or len(links) >= _MANY:
                _store(connection, rows, links)
        _store(connection, rows, links)
        connection.execute("CREATE INDEX by_source ON related (source)")
        connection.execute("COMMIT")

    def links_of(self, source: Relation) -> list[ObjectLink]:
        """What the object leads to; each link is given once, with the first event of its source."""
        found = self._connection.execute(
            "SELECT target, qualifier FROM related WHERE source = ? ORDER BY rowid", (source.id,)
        ).fetchall()
        if not found:
            return []
        self._connection.execute("DELETE FROM related WHERE source = ?", (source.id,))
        kinds = [(self.type_of(target), target, qualifier) for target, qualifier in found]
        return [ObjectLink(source, Relation(*one)) for one in kinds if one[0]]

    def attributes_of(self, kind: str, object_id: str, when: str) -> dict[str, Any]:
        """``type:name`` → its value at that time: the latest until then, else the first ever."""
        found: dict[str, Any] = {}
        changes = self._changing(object_id)
        if not changes:
            return found
        try:
            now = _iso(when)
        except ValueError:
            now = 0
        for at, name, value in changes:
            key = f"{kind}:{name}"
            if at <= now or key not in found:
                found[key] = value
        return found

    def unused_links(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM related").fetchone()[0])

    def _type_of(self, object_id: str) -> str:
        row = self._connection.execute("SELECT type FROM objects WHERE id = ?", (object_id,)).fetchone()
        return str(row[0]) if row else ""

    def _attributes(self, object_id: str) -> list[tuple[int, str, Any]]:
        row = self._connection.execute("SELECT attributes FROM objects WHERE id = ?", (object_id,)).fetchone()
        if not row or row[0] is None:
            return []
        return sorted(
            ((_since(time), name, value) for name, value, time in orjson.loads(row[0])), key=lambda one: one[0]
        )


def _since(time: str) -> int:
    try:
        return _iso(time) if time else 0
    except ValueError:
        return 0


def _store(connection: sqlite3.Connection, rows: list[Any], links: list[Any]) -> None:
    connection.executemany("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", rows)
    connection.executemany("INSERT INTO related VALUES (?, ?, ?)", links)
    rows.clear()
    links.clear()
