"""Commands that work on the store while nothing else does."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from server.runtime import open_migrated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.settings import Settings
    from store.client import Store


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """The store, with its schema up to date."""
    store = open_migrated(settings)
    try:
        yield store
    finally:
        store.close()
