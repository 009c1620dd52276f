"""Tables beside the live ones, in which everything is computed afresh while the live ones are read and written."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cases.fold.state import FOLD_VERSION, set_state, state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.client import Store

# What is computed from the events, and so can be computed afresh.
COMPUTED: Final = ("links", "links_by_target", "hubs", "reach", "reach_by_case", "cases")
_FOLDED: Final = "folded_batches"
# Each of the second follows from the first by a view.
_VIEWS: Final = (("links", "links_by_target"), ("reach", "reach_by_case"))


@dataclass(frozen=True, slots=True)
class Beside:
    """One set of tables: the live names with ``suffix``."""

    suffix: str

    def name(self, table: str) -> str:
        return f"{table}_{self.suffix}"

    def names(self) -> dict[str, Any]:
        """The tables by what :class:`cases.fold.fold.Tables` calls them."""
        return {**{table: self.name(table) for table in COMPUTED}, "folded": self.name(_FOLDED)}


REBUILT: Final = Beside("rebuilt")
"""Those that take the place of the live ones."""

AFRESH: Final = Beside("afresh")
"""Those with which the live ones are compared."""


@contextlib.contextmanager
def made(store: Store, beside: Beside) -> Iterator[None]:
    """The tables of ``beside``, empty; dropped at the end."""
    drop(store, beside)
    try:
        for table in (*COMPUTED, _FOLDED):
            store.command(f"CREATE TABLE {beside.name(table)} AS {table}")
        for source, target in _VIEWS:
            columns = ", ".join(row["name"] for row in store.rows(_COLUMNS, table=target))
            view = f"CREATE MATERIALIZED VIEW {beside.name(f'{source}_to_{target}')} TO {beside.name(target)} AS "
            store.command(f"{view} SELECT {columns} FROM {beside.name(source)}")  # noqa: S608 - names of our own
        yield
    finally:
        drop(store, beside)


def replace(store: Store) -> None:
    """Put the tables of ``REBUILT`` in the place of the live ones. No fold may run.

    A stop or an error in between is made good by :func:`finish_replacing`, which must come before the next fold.
    """
    set_state(store, "replacing", 1)
    finish_replacing(store)


def finish_replacing(store: Store) -> None:
    """Replace what a stop kept from being replaced, if anything."""
    if not state(store, "replacing"):
        return
    for table in COMPUTED:
        _replace(store, table)
    store.command(f"INSERT INTO {_FOLDED} (Batch) SELECT Batch FROM {REBUILT.name(_FOLDED)}")  # noqa: S608 - our own
    set_state(store, "version", FOLD_VERSION)
    set_state(store, "replacing", 0)


def _replace(store: Store, table: str) -> None:
    """Put the rebuilt ``table`` in the place of the live one, in one step."""
    if store.rows(f"SELECT 1 AS one FROM {REBUILT.name(table)} LIMIT 1"):  # noqa: S608 - a name of our own
        store.command(f"ALTER TABLE {table} REPLACE PARTITION tuple() FROM {REBUILT.name(table)}")
    else:
        store.command(f"TRUNCATE TABLE {table}")


def drop(store: Store, beside: Beside) -> None:
    """Drop the tables of ``beside``, if they are there; but not while a stop left them half way in their place."""
    if state(store, "replacing"):
        return
    for source, target in _VIEWS:
        store.command(f"DROP VIEW IF EXISTS {beside.name(f'{source}_to_{target}')}")
    for table in (*COMPUTED, _FOLDED):
        store.command(f"DROP TABLE IF EXISTS {beside.name(table)}")


_COLUMNS: Final = """
SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position
"""
