import sqlite3
import stat
import threading

import pytest
from sqlalchemy import inspect, text

from access.database import Database
from access.errors import AccessError
from access.key import KeyRequest
from access.keys import Keys
from access.migrate import migrations
from access.schema import METADATA
from common.scopes import Scope


def test_the_tables_are_those_the_program_believes_in(database):
    with database.read() as connection:
        found = inspect(connection)
        for table in METADATA.sorted_tables:
            columns = {column["name"]: column for column in found.get_columns(table.name)}
            assert list(columns) == [column.name for column in table.columns]
            assert [c["nullable"] for c in columns.values()] == [bool(column.nullable) for column in table.columns]
            key = found.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [column.name for column in table.primary_key]
            targets = {found_key["referred_table"] for found_key in found.get_foreign_keys(table.name)}
            assert targets == {target.column.table.name for target in table.foreign_keys}


def test_opening_again_changes_nothing(address, database):
    made, _ = Keys(database).create(KeyRequest(scopes=frozenset({Scope.READ})))
    with_another = Database.open(address)
    assert [key.id for key in Keys(with_another).list()] == [made.id]
    with_another.close()


def test_processes_that_start_together_migrate_once(address):
    failed = []

    def start():
        try:
            Database.open(address).close()
        except AccessError as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    database = Database.open(address)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM schema_migrations")).scalar() == len(migrations())
    database.close()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("INSERT INTO schema_migrations VALUES (9999, '9999_later.sql', '', 0)", "upgrade Flowtrail"),
        ("UPDATE schema_migrations SET checksum = 'other'", "restore the file"),
    ],
)
def test_a_schema_this_program_does_not_know_is_refused(address, database, change, says):
    with database.write() as connection:
        connection.execute(text(change))
    with pytest.raises(AccessError, match=says) as refused:
        Database.open(address)
    assert refused.value.code == "migration"


def test_a_failed_transaction_leaves_nothing(database):
    def fail():
        with database.write() as connection:
            connection.execute(text("INSERT INTO tenants VALUES ('a', 'b', 0)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM tenants")).scalar() == 0


def test_the_file_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "folder" / "keys.db"
    path.parent.mkdir()
    path.touch(mode=0o644)
    database = Database.open(f"sqlite:///{path}")
    with database.write() as connection:
        connection.execute(text("INSERT INTO tenants VALUES ('a', 'b', 0)"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    database.close()
    assert modes == {"keys.db": 0o600, "keys.db-journal": 0o600}


def test_readers_of_the_file_do_not_wait_for_a_writer(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path / 'keys.db'}")
    with database.write() as writing:
        writing.execute(text("INSERT INTO tenants VALUES ('a', 'b', 0)"))
        with database.read() as reading:
            assert reading.execute(text("SELECT count(*) FROM tenants")).scalar() == 0
            assert reading.execute(text("PRAGMA journal_mode")).scalar() == "delete"
            assert reading.execute(text("PRAGMA foreign_keys")).scalar() == 1
    database.close()


def test_a_file_of_version_0_1_leaves_its_write_ahead_log_once_nobody_has_it_open(tmp_path):
    path = tmp_path / "keys.db"
    Database.open(f"sqlite:///{path}").close()
    older = sqlite3.connect(path, isolation_level=None)
    older.execute("PRAGMA journal_mode = WAL")
    older.execute("INSERT INTO tenants VALUES ('a', 'b', 0)")
    database = Database.open(f"sqlite:///{path}")
    with database.read() as reading:
        assert reading.execute(text("SELECT count(*) FROM tenants")).scalar() == 1
    older.close()
    with database.read() as reading:
        assert reading.execute(text("SELECT count(*) FROM tenants")).scalar() == 1
        assert reading.execute(text("PRAGMA journal_mode")).scalar() == "delete"
    database.close()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("keys", "cannot be read"),
        ("mysql://h/d", "cannot be stored in mysql"),
        ("sqlite://", "names no file"),
        ("postgresql://dana:hush@127.0.0.1:1/keys", r"dana:\*\*\*@127.0.0.1:1"),
        ("sqlite:////proc/nowhere/keys.db", "cannot be opened"),
    ],
)
def test_an_address_that_does_not_work_says_why_and_not_the_password(wrong, says):
    with pytest.raises(AccessError, match=says) as refused:
        Database.open(wrong)
    assert refused.value.hint
    assert "hush" not in str(refused.value)
