"""The store, for commands that work on it themselves because no server does."""

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
    """The store, with its schema up to date. Raises NotRunning while another process has the embedded store open."""
    store = open_migrated(settings)
    try:
        yield store
    finally:
        store.close()
