"""Delete the rows that a refused insert left behind.

ClickHouse writes a table before it runs the views on it. An insert that fails in a view, or for lack of memory, may
therefore leave rows in the tables before that view. Parts of the batch are inserted again under other tokens, so those
rows must be deleted first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from store.client import named_query
from store.intake import batch_name

if TYPE_CHECKING:
    from store.client import Store
    from store.intake import Signal

_SETTINGS: Final = {"lightweight_deletes_sync": 2}  # return when it is done, on every replica


def take_back(store: Store, signal: Signal, token: str) -> int:
    """Delete every row that came with ``token``; returns how many. The token must never be used again.

    Doing it again is harmless. Raises StoreError.
    """
    batch = batch_name(signal, token)
    deleted = 0
    for row in store.query("batches/tables"):
        rows = store.query("batches/rows", table=row["table"], batch=batch)[0]["Rows"]
        if rows:
            store.command(named_query("batches/delete"), _SETTINGS, table=row["table"], batch=batch)
            deleted += rows
    return deleted
