"""Forward-only migrations: ``store/migrations/NNNN_what.sql``, each applied once and remembered by its checksum."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Final

from store.errors import StoreError

if TYPE_CHECKING:
    from store.client import Store

_NAME: Final = re.compile(r"(\d{4})_\w+\.sql")
# Text that several statements share; a part is as final as the migrations that include it.
_PART: Final = re.compile(r"@include\((\w+)\)")
_STATEMENT_END: Final = re.compile(r";[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between an embedded engine, a server and a cluster: nothing but these words of a migration."""

    merge_tree: str = "MergeTree"
    replacing: str = "ReplacingMergeTree"
    summing: str = "SummingMergeTree"
    deduplication: str = "non_replicated_deduplication_window = 10000"


SINGLE: Final = Dialect()
REPLICATED: Final = Dialect(
    merge_tree="ReplicatedMergeTree",
    replacing="ReplicatedReplacingMergeTree",
    summing="ReplicatedSummingMergeTree",
    deduplication="replicated_deduplication_window = 10000",
)


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self, dialect: Dialect) -> list[str]:
        """The statements of this migration, its placeholders filled in for ``dialect``."""
        filled = Template(self.text).substitute(
            merge_tree=dialect.merge_tree,
            replacing=dialect.replacing,
            summing=dialect.summing,
            deduplication=dialect.deduplication,
        )
        return [part.strip() for part in _STATEMENT_END.split(filled) if part.strip()]


def migrations() -> list[Migration]:
    """All migrations in order."""
    folder = resources.files("store").joinpath("migrations")

    def part(match: re.Match[str]) -> str:
        return folder.joinpath(f"{match[1]}.part.sql").read_text(encoding="utf-8").strip()

    found = [
        Migration(int(match[1]), entry.name, _PART.sub(part, entry.read_text(encoding="utf-8")))
        for entry in folder.iterdir()
        if (match := _NAME.fullmatch(entry.name))
    ]
    return sorted(found, key=lambda migration: migration.number)


def migrate(store: Store, dialect: Dialect = SINGLE) -> list[str]:
    """Bring the schema of ``store`` up to date; returns the names of what was applied.

    A migration that stopped half way is run again from its start: its statements are written to be repeatable.
    Raises StoreError ``migration`` when an applied file has changed since, or the store is ahead of this program.
    """
    store.command(_LEDGER)
    applied = {row["Number"]: row for row in store.rows("SELECT Number, Name, Checksum FROM schema_migrations FINAL")}
    known = migrations()
    _refuse_unknown(applied, known)
    fresh = [migration for migration in known if migration.number not in applied]
    for migration in fresh:
        for statement in migration.statements(dialect):
            store.command(statement)
        store.command(
            "INSERT INTO schema_migrations (Number, Name, Checksum) "
            "SELECT {number:UInt32}, {name:String}, {checksum:String}",
            number=migration.number,
            name=migration.name,
            checksum=migration.checksum,
        )
    return [migration.name for migration in fresh]


_LEDGER: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations
(Number UInt32, Name String, Checksum String, AppliedAt DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = ReplacingMergeTree ORDER BY Number
"""


def _refuse_unknown(applied: dict[int, dict[str, str]], known: list[Migration]) -> None:
    by_number = {migration.number: migration for migration in known}
    for number, row in applied.items():
        migration = by_number.get(number)
        if migration is None:
            raise StoreError(
                "migration",
                f"The store has migration {row['Name']}, which this version of Flowtrail does not know.",
                "The store was made by a newer version: upgrade Flowtrail.",
            )
        if migration.checksum != row["Checksum"]:
            raise StoreError(
                "migration",
                f"Migration {migration.name} was changed after it had been applied to this store.",
                "Migrations are forward-only: restore the file and put the change into a new one.",
            )
