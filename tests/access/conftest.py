"""Keys in both databases they may live in."""

import pytest

from access.database import Database
from access.keys import Keys
from tests import postgresql


class Clock:
    """Unix nanoseconds that stand still."""

    def __init__(self):
        self.now = 1_800_000_000_000_000_000

    def __call__(self):
        return self.now

    def pass_s(self, seconds):
        self.now += int(seconds * 1e9)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """An empty database; each test that takes it runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keys.db'}"
    else:
        with postgresql.database(request.getfixturevalue("postgresql_server")) as address:
            yield address


@pytest.fixture
def database(address):
    opened = Database.open(address)
    yield opened
    opened.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(database, clock):
    return Keys(database, clock)
