"""Migrations: applied once, in order, remembered, never silently changed."""

import re

import pytest

from store.client import open_store
from store.errors import StoreError
from store.migrate import REPLICATED, SINGLE, migrate, migrations

pytestmark = pytest.mark.slow


@pytest.fixture
def empty(store_url):
    opened = open_store(store_url)
    yield opened
    opened.close()


def test_are_numbered_without_a_gap():
    assert [migration.number for migration in migrations()] == list(range(1, len(migrations()) + 1))


def test_are_applied_once(empty):
    names = [migration.name for migration in migrations()]
    assert migrate(empty) == names
    assert migrate(empty) == []


def test_one_that_stopped_half_way_is_run_again(empty):
    first, *_ = migrations()
    empty.command(SINGLE.statements(first)[0])
    assert migrate(empty)[0] == first.name


def test_one_that_changed_after_it_was_applied_is_refused(empty):
    migrate(empty)
    empty.command(
        "INSERT INTO schema_migrations (Number, Name, Checksum, AppliedAt) "
        "SELECT 1, '0001_traces.sql', 'another', now64(3) + 5"
    )
    with pytest.raises(StoreError, match="was changed after it had been applied") as caught:
        migrate(empty)
    assert caught.value.code == "migration"


def test_a_store_of_a_newer_version_is_refused(empty):
    migrate(empty)
    empty.command("INSERT INTO schema_migrations (Number, Name, Checksum) SELECT 9000, '9000_later.sql', 'x'")
    with pytest.raises(StoreError, match=r"9000_later\.sql.*upgrade Flowtrail"):
        migrate(empty)


def test_a_cluster_differs_in_engines_alone():
    for migration in migrations():
        single, cluster = ("\n".join(dialect.statements(migration)) for dialect in (SINGLE, REPLICATED))
        assert "$" not in single
        engines = re.sub(r"Replicated(\w*MergeTree)", r"\1", cluster)
        assert engines.replace(REPLICATED.deduplication, SINGLE.deduplication) == single


def test_a_released_migration_never_changes(repository):
    """A store remembers the checksum of what it has applied: a new migration adds a line here, nothing changes one."""
    known = (repository / "tests" / "store" / "migration_checksums.txt").read_text(encoding="utf-8").splitlines()
    assert [f"{migration.checksum}  {migration.name}" for migration in migrations()] == known


def test_parts_stand_in_place_of_their_names():
    for migration in migrations():
        assert "@include" not in migration.text
    assert "element_json" in next(one for one in migrations() if one.number == 4).text
