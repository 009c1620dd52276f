from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from collector.service import Collector
from store.client import open_store
from store.intake import insert_envelopes
from tests.collector.running import Running, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.client import Store


@pytest.fixture(scope="module")
def store(chdb_directory) -> Iterator[Store]:
    with chdb_directory.migrated() as url:
        opened = open_store(url)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def running(store, tmp_path_factory) -> Iterator[Running]:
    """A collector in front of the real store."""
    with Running(Collector(settings(tmp_path_factory.mktemp("log")), partial(insert_envelopes, store))) as running:
        yield running
