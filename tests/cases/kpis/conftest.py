"""One migrated database for all KPI tests; each test takes a flow of its own."""

import itertools
from collections.abc import Iterator

import pytest

from store.client import Store, open_store
from store.migrate import migrate
from tests.engines import DataDirectory

_flows = itertools.count(1)


@pytest.fixture(scope="session")
def kpi_store(chdb_directory: DataDirectory) -> Iterator[Store]:
    with chdb_directory.database() as url:
        store = open_store(url)
        migrate(store)
        yield store
        store.close()


@pytest.fixture
def flow() -> str:
    """A flow that no other test writes to."""
    return f"flow-{next(_flows)}"
