"""One migrated database for all KPI tests; each test takes a flow of its own."""

import itertools
from collections.abc import Iterator

import pytest

from cases.fold.state import begin
from store.client import Store, open_store
from tests.engines import DataDirectory

_flows = itertools.count(1)


@pytest.fixture(scope="session")
def kpi_store(chdb_directory: DataDirectory) -> Iterator[Store]:
    with chdb_directory.migrated() as url:
        store = open_store(url)
        begin(store)
        yield store
        store.close()


@pytest.fixture
def flow() -> str:
    """A flow that no other test writes to."""
    return f"flow-{next(_flows)}"
