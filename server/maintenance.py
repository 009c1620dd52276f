"""Commands that work on the store while nothing else does."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from cases.fold import Folder
from cases.rebuild import Verification, rebuild, verify
from server.runtime import open_migrated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.settings import Settings
    from store.client import Store


def rebuild_cases(settings: Settings) -> int:
    """Fold every case again; returns how many there are."""
    with _store(settings) as store:
        return rebuild(store)


def verify_cases(settings: Settings) -> Verification:
    """Fold what a stop left over, then recompute every case and compare."""
    with _store(settings) as store:
        folder = Folder(store)
        while folder.fold_pending():
            pass
        return verify(store)


@contextlib.contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    store = open_migrated(settings)
    try:
        yield store
    finally:
        store.close()
