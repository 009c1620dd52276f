from collections.abc import Iterator

import pytest

from tests.store_server.door import Door, started


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A store with the rows of the tenants ``acme`` and ``other``, read by the tests of this folder."""
    running, process = started(tmp_path_factory.mktemp("sql"))
    yield running
    process.communicate(timeout=30)
