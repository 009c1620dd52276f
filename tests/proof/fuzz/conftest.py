from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proof.fuzz.door import Door
from store.client import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def door(chdb_directory, tmp_path_factory) -> Iterator[Door]:
    """One door for all tests of this folder: what it counts adds up, whichever of them run."""
    with chdb_directory.migrated() as url:
        store = open_store(url)
        with Door(tmp_path_factory.mktemp("door"), store) as door:
            yield door
        store.close()
