"""A store with orders in it, made once; the default tenant's are only read."""

import pytest

from store.client import open_store
from tests.cases import orders


@pytest.fixture(scope="session")
def orders_store(chdb_directory):
    with chdb_directory.migrated() as url:
        store = open_store(url)
        yield orders.fill(store)
        store.close()


@pytest.fixture
def world(orders_store):
    """A tenant of its own in the same store, without a case."""
    return orders.World.new(orders_store)
