"""Stores with the schema in them, embedded and over HTTP."""

import pytest

from store.client import open_store
from store.migrate import migrate


@pytest.fixture
def store(store_url):
    opened = open_store(store_url)
    migrate(opened)
    yield opened
    opened.close()
