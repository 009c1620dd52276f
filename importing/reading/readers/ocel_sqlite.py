"""OCEL 2.0 in SQLite: a table of events and one per type with their attributes, the same for objects."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from heapq import merge
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from importing.errors import ImportFailed
from importing.reading.readers.ocel import OcelEvent, OcelObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Related = Callable[[str], list[tuple[str, str]]]
"""From an id to what it relates to: object id, qualifier."""

_OWN: Final = frozenset({"own", "number", "ocel_id", "ocel_time", "ocel_changed_field"})


class OcelSqlite:
    """``connection``: a temporary database, into which the relations are copied with an index."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def objects(self) -> Iterator[OcelObject]:
        with closing(self._open()) as log:
            related = self._copied(log, "object_object", "ocel_source_id", "ocel_target_id")
            for kind, table in self._types(log, "object"):
                # An object without attributes may be missing in the table of its type.
                sql = (
                    f"SELECT o.ocel_id AS own, t.* FROM object o LEFT JOIN {_quoted(table)} t ON t.ocel_id = o.ocel_id"  # noqa: S608
                )
                rows = self._rows(log, f"{sql} WHERE o.ocel_type = ? ORDER BY o.ocel_id", (kind,))
                for object_id, changes in groupby(rows, lambda row: str(row["own"])):
                    values = [(*one, str(row["ocel_time"] or "")) for row in changes for one in _values(row)]
                    yield OcelObject(object_id, kind, values, related(object_id))

    def events(self) -> Iterator[OcelEvent]:
        with closing(self._open()) as log:
            related = self._copied(log, "event_object", "ocel_event_id", "ocel_object_id")
            of_types = [self._events_of(log, kind, table, related) for kind, table in self._types(log, "event")]
            yield from merge(*of_types, key=attrgetter("number"))

    def _events_of(self, log: sqlite3.Connection, kind: str, table: str, related: Related) -> Iterator[OcelEvent]:
        """The events of one type in the order in which all events stand in the log."""
        sql = f"SELECT e.rowid AS number, t.* FROM {_quoted(table)} t JOIN event e ON e.ocel_id = t.ocel_id"  # noqa: S608
        for row in self._rows(log, f"{sql} ORDER BY e.rowid"):
            event_id, time = str(row["ocel_id"]), str(row["ocel_time"] or "")
            yield OcelEvent(int(row["number"]), event_id, kind, time, dict(_values(row)), related(event_id))

    def _open(self) -> sqlite3.Connection:
        log = sqlite3.connect(f"file:{self._path.absolute()}?mode=ro&immutable=1", uri=True)
        log.row_factory = sqlite3.Row
        return log

    def _types(self, log: sqlite3.Connection, what: str) -> list[tuple[str, str]]:
        found = self._rows(log, f"SELECT ocel_type, ocel_type_map FROM {what}_map_type ORDER BY ocel_type")  # noqa: S608
        return [(str(row["ocel_type"]), f"{what}_{row['ocel_type_map']}") for row in found]

    def _rows(self, log: sqlite3.Connection, sql: str, values: Sequence[str] = ()) -> Iterator[sqlite3.Row]:
        try:
            yield from log.execute(sql, values)
        except sqlite3.Error as error:
            raise ImportFailed(
                "unreadable", f"{self._path} is not an OCEL 2.0 log in SQLite: {error}.", "See ocel-standard.org."
            ) from None

    def _copied(self, log: sqlite3.Connection, table: str, source: str, target: str) -> Related:
        """A function from an id to what it relates to; a log need not have an index that finds them."""
        own = f"copy_{table}"
        self._connection.execute(f"CREATE TABLE {own} (source TEXT, target TEXT, qualifier TEXT)")
        rows = self._rows(log, f"SELECT {source}, {target}, ocel_qualifier FROM {table} ORDER BY rowid")  # noqa: S608
        self._connection.executemany(f"INSERT INTO {own} VALUES (?, ?, ?)", map(tuple, rows))  # noqa: S608
        self._connection.execute(f"CREATE INDEX {own}_source ON {own} (source)")

        def related(one: str) -> list[tuple[str, str]]:
            sql = f"SELECT target, qualifier FROM {own} WHERE source = ? ORDER BY rowid"  # noqa: S608
            return [(str(found[0]), str(found[1] or "")) for found in self._connection.execute(sql, (one,))]

        return related


def _values(row: sqlite3.Row) -> Iterator[tuple[str, Any]]:
    return ((name, row[name]) for name in row.keys() if name not in _OWN and row[name] is not None)  # noqa: SIM118


def _quoted(name: str) -> str:
    return '"' + re.sub('"', '""', name) + '"'
