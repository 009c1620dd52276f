"""Take back what a refused insert left behind.

ClickHouse writes a table before it works out the views on it, so an insert that fails in a view, or for want of memory,
may leave its rows in the tables before that view. Their parts go in again under other tokens, so those rows must go.
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
        found = store.query("batches/rows", table=row["table"], batch=batch)[0]["found"]
        if found:
            store.command(named_query("batches/delete"), _SETTINGS, table=row["table"], batch=batch)
            deleted += found
    return deleted
