"""Forward-only migrations: ``access/migrations/NNNN_what.sql``, each applied once and remembered by its checksum."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from access.errors import AccessError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAME: Final = re.compile(r"(\d{4})_\w+\.sql")
_STATEMENT_END: Final = re.compile(r";[ \t]*$", re.MULTILINE)
_LOCK: Final = 4_649_171
"""Any number of ours: two processes that start together on PostgreSQL migrate one after the other."""

_LEDGER: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations
(number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_ns BIGINT NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self) -> list[str]:
        return [part.strip() for part in _STATEMENT_END.split(self.text) if part.strip()]


def migrations() -> list[Migration]:
    """All migrations in order."""
    folder = resources.files("access").joinpath("migrations")
    found = [
        Migration(int(match[1]), entry.name, entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if (match := _NAME.fullmatch(entry.name))
    ]
    return sorted(found, key=lambda migration: migration.number)


def migrate(connection: Connection) -> None:
    """Bring the schema up to date in the transaction of ``connection``: both databases then take all of it or nothing.

    Raises AccessError ``migration`` when an applied file has changed since, or the database is ahead of this program.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    connection.exec_driver_sql(_LEDGER)
    rows = connection.execute(text("SELECT number, name, checksum FROM schema_migrations")).all()
    applied = {row.number: row for row in rows}
    known = {migration.number: migration for migration in migrations()}
    for number, row in applied.items():
        _expect_known(row.name, row.checksum, known.get(number))
    for number in sorted(known.keys() - applied.keys()):
        _apply(connection, known[number])


def _apply(connection: Connection, migration: Migration) -> None:
    for statement in migration.statements():
        connection.exec_driver_sql(statement)
    connection.execute(
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


def _expect_known(name: str, checksum: str, migration: Migration | None) -> None:
    if migration is None:
        raise AccessError(
            "migration",
            f"The database of keys has migration {name}, which this version of Flowtrail does not know.",
            "It was made by a newer version: upgrade Flowtrail.",
        )
    if migration.checksum != checksum:
        raise AccessError(
            "migration",
            f"Migration {name} was changed after it had been applied to the database of keys.",
            "Migrations are forward-only: restore the file and put the change into a new one.",
        )
