"""What SQLite leaves to its callers."""

from __future__ import annotations

import sqlite3
import time
from typing import Any, Final

_PAUSE_S: Final = 0.01


def switch_to_wal(connection: Any, patience_s: float) -> None:
    """Let readers and the one writer of a database file not wait for each other.

    ``connection``: of ``sqlite3`` or SQLAlchemy's DBAPI. Raises sqlite3.OperationalError if other processes keep the
    file locked for longer than ``patience_s`` seconds.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            # The busy timeout does not cover this switch: of processes that open a new file together, all but one
            # are told at once that it is locked.
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_S)
        else:
            return
