"""The schema of the database of keys: ``access/migrations/NNNN_what.sql``, applied by the runner in ``common``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from access.errors import AccessError
from common.migrations import Applied, Migration, read_migrations, run_migrations

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LOCK: Final = 4_649_171
"""The number of the lock on PostgreSQL under which processes that start together migrate one after the other."""

_LEDGER: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations
(number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_ns BIGINT NOT NULL)
"""


def migrations() -> list[Migration]:
    """All migrations in order."""
    return read_migrations("access")


def migrate(connection: Connection) -> None:
    """Bring the schema up to date in the transaction of ``connection``, completely or not at all.

    Raises AccessError ``migration`` if an applied file has changed, or if the database is newer than this program.
    """
    run_migrations(_Schema(connection), migrations())


class _Schema:
    """The ledger of applied migrations: the table ``schema_migrations``."""

    subject = "the database of keys"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def applied(self) -> dict[int, Applied]:
        # On SQLite, BEGIN IMMEDIATE has taken the write lock already.
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        self._connection.exec_driver_sql(_LEDGER)
        rows = self._connection.execute(text("SELECT number, name, checksum FROM schema_migrations")).all()
        return {row.number: Applied(row.name, row.checksum) for row in rows}

    def apply(self, migration: Migration) -> None:
        for statement in migration.statements():
            self._connection.exec_driver_sql(statement)
        self._connection.execute(
            text(
                "INSERT INTO schema_migrations (number, name, checksum, applied_ns) "
                "VALUES (:number, :name, :checksum, :applied_ns)"
            ),
            {
                "number": migration.number,
                "name": migration.name,
                "checksum": migration.checksum,
                "applied_ns": time.time_ns(),
            },
        )

    def error(self, message: str, hint: str) -> AccessError:
        return AccessError("migration", message, hint)
