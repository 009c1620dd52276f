"""Engines that tests run on, and a fresh database in them for each test."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from store.client import open_store
from store.migrate import migrate

_ROOT: Final = Path(__file__).resolve().parents[1]
_STOP_SECONDS: Final = 30
FIRST: Final = "flowtrail"
"""The database with the schema that a directory may have from its beginning."""
_numbers = itertools.count(1)


@contextmanager
def _fresh_database(client: Client) -> Iterator[str]:
    name = f"t_{next(_numbers)}"
    client.command(f"CREATE DATABASE {name}")
    try:
        yield name
    finally:
        client.command(f"DROP DATABASE IF EXISTS {name} SYNC")


class _Emptied:
    """Databases with the schema in them, used again once they are emptied: making the schema takes a second."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._free = [FIRST] if FIRST in client.query("SELECT name FROM system.databases").result_columns[0] else []

    @contextmanager
    def database(self, address: Callable[[str], str]) -> Iterator[str]:
        """The address of one. A test that takes tables away spoils its database; it is not used again."""
        name = self._free.pop() if self._free else self._make(address)
        before = self._tables(name)
        yield address(name)
        for table, _ in set(self._tables(name)) - set(before):
            self._client.command(f"DROP TABLE IF EXISTS {name}.`{table}` SYNC")
        if self._tables(name) != before:
            self._client.command(f"DROP DATABASE {name} SYNC")
            return
        for table in self._filled(name):
            self._client.command(f"TRUNCATE TABLE {name}.{table} SYNC")
        self._free.append(name)

    def _make(self, address: Callable[[str], str]) -> str:
        name = f"t_{next(_numbers)}"
        store = open_store(address(name))
        migrate(store)
        store.close()
        return name

    def _tables(self, name: str) -> list[tuple[str, str]]:
        sql = "SELECT name, engine FROM system.tables WHERE database = {name:String} ORDER BY name"
        return [(str(table), str(engine)) for table, engine in self._client.query(sql, {"name": name}).result_rows]

    def _filled(self, name: str) -> list[str]:
        sql = "SELECT DISTINCT table FROM system.parts WHERE active AND database = {name:String}"
        tables = self._client.query(sql, {"name": name}).result_rows
        return [str(table) for (table,) in tables if table != "schema_migrations"]


class DataDirectory:
    """The data directory of the embedded engine. An open client keeps the engine up between tests."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._client = clickhouse_connect.get_client(interface="chdb", path=str(path))
        self._emptied = _Emptied(self._client)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of an empty database, dropped at the end."""
        with _fresh_database(self._client) as name:
            yield self._address(name)

    def migrated(self) -> AbstractContextManager[str]:
        """The address of a database with the schema and no rows in it."""
        return self._emptied.database(self._address)

    def _address(self, name: str) -> str:
        return f"chdb://{quote(str(self._path))}?database={name}"

    def close(self) -> None:
        self._client.close()


class ClickHouseServer:
    """``tests.clickhouse_http`` as a process. It ends with this one, however this one ends: its input closes."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port
        self._client = self.client()
        self._emptied = _Emptied(self._client)

    @classmethod
    def start(cls, path: Path) -> "ClickHouseServer":
        """Start it on the data directory ``path`` and a free port; it listens when this returns."""
        command = [sys.executable, "-m", "tests.clickhouse_http", "--path", str(path), "--until-stdin-closes"]
        process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"The ClickHouse server for tests ended with {process.wait()}; see its message above.")
        return cls(process, int(line))

    @property
    def url(self) -> str:
        """Its address without a database."""
        return f"clickhouse://127.0.0.1:{self.port}"

    def client(self, database: str = "default") -> Client:
        """A new client; sessions are off, so threads may share it."""
        return clickhouse_connect.get_client(
            host="127.0.0.1", port=self.port, database=database, autogenerate_session_id=False
        )

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of an empty database, dropped at the end."""
        with _fresh_database(self._client) as name:
            yield self._address(name)

    def migrated(self) -> AbstractContextManager[str]:
        """The address of a database with the schema and no rows in it."""
        return self._emptied.database(self._address)

    def _address(self, name: str) -> str:
        return f"{self.url}?database={name}"

    def stop(self) -> None:
        """Close its input, which ends it, and wait; kill it if it does not end in half a minute."""
        self._client.close()
        try:
            self._process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
