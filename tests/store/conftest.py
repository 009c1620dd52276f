"""Stores with the schema in them, embedded and over HTTP."""

import pytest

from store.client import open_store


@pytest.fixture
def store(migrated_url):
    opened = open_store(migrated_url)
    yield opened
    opened.close()
