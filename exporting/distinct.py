"""Writes an event that several cases share only once."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exporting.events import ExportedEvent


@contextmanager
def scratch_database() -> Iterator[sqlite3.Connection]:
    """A database in a temporary file. Only one thread at a time may use it."""
    with tempfile.TemporaryDirectory(prefix="flowtrail-export-") as folder:
        # The server reads each piece of an export in whichever thread of its pool is free.
        connection = sqlite3.connect(Path(folder) / "scratch.db", isolation_level=None, check_same_thread=False)
        try:
            # No journal and no sync: if the process dies, the export is lost with its file.
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16384"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID")
            yield connection
        finally:
            connection.close()


def distinct(events: Iterable[ExportedEvent], connection: sqlite3.Connection) -> Iterator[ExportedEvent]:
    """``events`` without repetitions."""
    for event in events:
        # An event that names its case belongs to that case only and comes once. Only the others have to be remembered.
        if not event.own_case:
            event_id = f"{event.trace_id}-{event.span_id}"
            inserted = connection.execute("INSERT OR IGNORE INTO seen VALUES (?)", (event_id,))
            if not inserted.rowcount:
                continue
        yield event
