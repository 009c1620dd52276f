"""Shadow tables: everything is computed into them while the live tables are read and written."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cases.fold.state import FOLD_VERSION, set_state, state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.client import Store

# What is computed from the events.
COMPUTED: Final = ("links", "links_by_target", "hubs", "reach", "reach_by_case", "cases")
_FOLDED: Final = "folded_batches"
# Each second table is filled from the first one by a view.
_VIEWS: Final = (("links", "links_by_target"), ("reach", "reach_by_case"))


@dataclass(frozen=True, slots=True)
class ShadowTables:
    """One set of tables: the live names with ``suffix``."""

    suffix: str

    def name(self, table: str) -> str:
        return f"{table}_{self.suffix}"

    def names(self) -> dict[str, Any]:
        """The tables under their names in :class:`cases.fold.fold.Tables`."""
        return {**{table: self.name(table) for table in COMPUTED}, "folded": self.name(_FOLDED)}


REBUILT: Final = ShadowTables("rebuilt")
"""Those that replace the live ones."""

AFRESH: Final = ShadowTables("afresh")
"""Those with which the live ones are compared."""


@contextlib.contextmanager
def created(store: Store, shadow: ShadowTables) -> Iterator[None]:
    """The tables of ``shadow``, empty; dropped at the end."""
    drop(store, shadow)
    try:
        for table in (*COMPUTED, _FOLDED):
            store.command(f"CREATE TABLE {shadow.name(table)} AS {table}")
        for source, target in _VIEWS:
            columns = ", ".join(columns_of(store, target))
            view = f"CREATE MATERIALIZED VIEW {shadow.name(f'{source}_to_{target}')} TO {shadow.name(target)} AS "
            store.command(f"{view} SELECT {columns} FROM {shadow.name(source)}")  # noqa: S608 - names of our own
        yield
    finally:
        drop(store, shadow)


def columns_of(store: Store, table: str) -> list[str]:
    """The columns of ``table`` in their order."""
    return [row["Name"] for row in store.query("store/columns", table=table)]


def replace(store: Store) -> None:
    """Replace the live tables by ``REBUILT``. No fold may run.

    A stop or an error in between is mended by :func:`finish_replacing`, which must come before the next fold.
    """
    set_state(store, "replacing", 1)
    finish_replacing(store)


def finish_replacing(store: Store) -> None:
    """Replace what a stop kept from being replaced, if anything. Every statement may run twice."""
    if not state(store, "replacing"):
        return
    for table in COMPUTED:
        _replace(store, table)
    store.command(f"INSERT INTO {_FOLDED} (Batch) SELECT Batch FROM {REBUILT.name(_FOLDED)}")  # noqa: S608 - our own
    set_state(store, "version", FOLD_VERSION)
    set_state(store, "replacing", 0)


def _replace(store: Store, table: str) -> None:
    """Replace the live ``table`` by the rebuilt one, in one step."""
    if store.rows(f"SELECT 1 AS one FROM {REBUILT.name(table)} LIMIT 1"):  # noqa: S608 - a name of our own
        store.command(f"ALTER TABLE {table} REPLACE PARTITION tuple() FROM {REBUILT.name(table)}")
    else:
        # An empty table has no partition to replace with.
        store.command(f"TRUNCATE TABLE {table}")


def drop(store: Store, shadow: ShadowTables) -> None:
    """Drop the tables of ``shadow``, if they are there; but not while a stop left the exchange half done."""
    if state(store, "replacing"):
        return
    for source, target in _VIEWS:
        store.command(f"DROP VIEW IF EXISTS {shadow.name(f'{source}_to_{target}')}")
    for table in (*COMPUTED, _FOLDED):
        store.command(f"DROP TABLE IF EXISTS {shadow.name(table)}")
