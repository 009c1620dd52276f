"""Which events were written already: one that several cases share is written once."""

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
    """A database in a temporary file; it may be used from any one thread at a time."""
    with tempfile.TemporaryDirectory(prefix="flowtrail-export-") as folder:
        connection = sqlite3.connect(Path(folder) / "scratch.db", isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16384"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID")
            yield connection
        finally:
            connection.close()


def distinct(events: Iterable[ExportedEvent], connection: sqlite3.Connection) -> Iterator[ExportedEvent]:
    """``events`` without repetition: only one without a case of its own can come again, so those are kept in mind."""
    for event in events:
        if not event.own_case:
            known = connection.execute("INSERT OR IGNORE INTO seen VALUES (?)", (f"{event.trace_id}-{event.span_id}",))
            if not known.rowcount:
                continue
        yield event
