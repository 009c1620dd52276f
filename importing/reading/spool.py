"""Records of a log that mixes its cases, put together case by case in a temporary file, in bounded memory."""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from importing.errors import ImportFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from importing.record import Record

_MANY: Final = 2000
_CACHE_KIB: Final = 64 * 1024
_ALONE: Final = "\0"
"""Before the number of a record that names no case: it is a group of its own."""


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """A database in a file that is gone at the end; SQLite keeps no more than 64 MiB of it in memory."""
    with tempfile.TemporaryDirectory(prefix="flowtrail-import-") as folder:
        connection = sqlite3.connect(Path(folder) / "spool.db", isolation_level=None)
        try:
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", f"cache_size=-{_CACHE_KIB}"):
                connection.execute(f"PRAGMA {pragma}")
            yield connection
        except sqlite3.Error as error:
            raise ImportFailed(
                "no_room",
                f"The temporary file that puts the cases together cannot be written: {error}.",
                "Free room, or name a folder that has it in TMPDIR.",
            ) from None
        finally:
            connection.close()


def grouped(
    connection: sqlite3.Connection, records: Iterable[Record], case_of: Callable[[Record], str]
) -> Iterator[list[Record]]:
    """``records`` case by case, within a case in the order of the file; their ordinals are counted within the case."""
    connection.execute("CREATE TABLE spool (name TEXT, number INTEGER, body BLOB)")
    rows: list[tuple[str, int, bytes]] = []
    connection.execute("BEGIN")
    for record in records:
        name = case_of(record) or f"{_ALONE}{record.ordinal}"
        rows.append((name, record.ordinal, pickle.dumps(record, pickle.HIGHEST_PROTOCOL)))
        if len(rows) == _MANY:
            connection.executemany("INSERT INTO spool VALUES (?, ?, ?)", rows)
            rows.clear()
    connection.executemany("INSERT INTO spool VALUES (?, ?, ?)", rows)
    connection.execute("COMMIT")
    found = connection.execute("SELECT name, number, body FROM spool ORDER BY name, number")
    for name, group in groupby(found, itemgetter(0)):
        # What is unpacked was packed above, by this process, into a file that only it can read.
        together: list[Record] = [pickle.loads(body) for _, _, body in group]  # noqa: S301
        if not name.startswith(_ALONE) and not together[0].relations:
            for ordinal, record in enumerate(together, 1):
                record.ordinal = ordinal
        yield together
