"""The schema of the store: ``store/migrations/NNNN_what.sql``, applied in order by the runner in ``common``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Final

from common.migrations import Applied, Migration, read_migrations, run_migrations
from store.errors import StoreError
from store.marks import include

if TYPE_CHECKING:
    from store.client import Store


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between an embedded engine, a server and a cluster: the ``${words}`` of a migration, no more."""

    merge_tree: str = "MergeTree"
    replacing: str = "ReplacingMergeTree"
    summing: str = "SummingMergeTree"
    deduplication: str = "non_replicated_deduplication_window = 10000"

    def statements(self, migration: Migration) -> list[str]:
        """The statements of ``migration`` in this dialect."""
        return [Template(statement).substitute(asdict(self)) for statement in migration.statements()]


SINGLE: Final = Dialect()
REPLICATED: Final = Dialect(
    merge_tree="ReplicatedMergeTree",
    replacing="ReplicatedReplacingMergeTree",
    summing="ReplicatedSummingMergeTree",
    deduplication="replicated_deduplication_window = 10000",
)


def migrations() -> list[Migration]:
    """All migrations in order. A part that one includes is as final as the migration itself."""
    return read_migrations("store", lambda text: include(text, _part))


def migrate(store: Store, dialect: Dialect = SINGLE) -> list[str]:
    """Bring the schema of ``store`` up to date; returns the names of the migrations that were applied.

    A migration that stopped half way is run again from its start: its statements are written to be repeatable.
    Raises StoreError ``migration`` when an applied file has changed since, or the store is ahead of this program.
    """
    return run_migrations(_Schema(store, dialect), migrations())


def _part(name: str) -> str:
    return resources.files("store").joinpath("migrations", f"{name}.part.sql").read_text(encoding="utf-8")


class _Schema:
    """The table ``schema_migrations`` of a store."""

    subject = "the store"

    def __init__(self, store: Store, dialect: Dialect) -> None:
        self._store = store
        self._dialect = dialect

    def applied(self) -> dict[int, Applied]:
        self._store.command(_LEDGER)
        rows = self._store.rows("SELECT Number, Name, Checksum FROM schema_migrations FINAL")
        return {row["Number"]: Applied(row["Name"], row["Checksum"]) for row in rows}

    def apply(self, migration: Migration) -> None:
        for statement in self._dialect.statements(migration):
            self._store.command(statement)
        # Remembered last: ClickHouse has no transactions, so a stop before this line runs the whole file again.
        self._store.command(
            "INSERT INTO schema_migrations (Number, Name, Checksum) "
            "SELECT {number:UInt32}, {name:String}, {checksum:String}",
            number=migration.number,
            name=migration.name,
            checksum=migration.checksum,
        )

    def error(self, message: str, hint: str) -> StoreError:
        return StoreError("migration", message, hint)


_LEDGER: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations
(Number UInt32, Name String, Checksum String, AppliedAt DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = ReplacingMergeTree ORDER BY Number
"""
