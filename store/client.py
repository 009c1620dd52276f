"""One client for an embedded engine (``chdb:///path``) and for a ClickHouse server (``clickhouse://…``)."""

from __future__ import annotations

import contextlib
import queue
import threading
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import clickhouse_connect
from clickhouse_connect.driver.exceptions import Error as ClickHouseError

from store.errors import StoreError, StoreUnavailable, from_clickhouse
from store.marks import include

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clickhouse_connect.driver.client import Client

Row = dict[str, Any]

# Handles opened at most at once. A chDB handle serves one call at a time; a server connection costs a socket.
_MAX_CLIENTS: Final = 8
_SCHEMES: Final = ("chdb", "clickhouse", "clickhouses", "http", "https")
# Set on every connection, so that a query means the same whatever the server's profile says.
_SETTINGS: Final[dict[str, Any]] = {
    "date_time_output_format": "simple",
    "join_use_nulls": 0,
    "session_timezone": "UTC",
    # Search terms are parameters, and the error of a refused insert quotes its data: neither belongs in the server's
    # query logs, which redaction does not cover.
    "log_queries": 0,
    "log_query_threads": 0,
    "log_query_views": 0,
}


class Store:
    """A thread-safe pool of ClickHouse clients. Every method raises :class:`StoreError`, never a driver's error."""

    def __init__(self, url: str, *, settings: Mapping[str, Any] | None = None) -> None:
        self.url = url
        self._target = _target(url)
        self._settings = {**_SETTINGS, **(settings or {})}
        self._idle: queue.LifoQueue[Client] = queue.LifoQueue()
        self._permits = threading.BoundedSemaphore(_MAX_CLIENTS)
        self._closed = False

    @property
    def embedded(self) -> bool:
        """True for chDB: the engine runs in this process, and no other process may open its data."""
        return bool(self._target["interface"] == "chdb")

    @property
    def path(self) -> Path | None:
        """The data directory of the embedded engine; None for a server's store."""
        return Path(self._target["path"]) if self.embedded else None

    @property
    def database(self) -> str:
        return str(self._target["database"])

    def query(self, name: str, /, **params: Any) -> list[Row]:
        """The rows of ``store/queries/<name>.sql`` with its ``{name:Type}`` parameters bound."""
        return self.rows(named_query(name), **params)

    def rows(self, sql: str, /, **params: Any) -> list[Row]:
        """The rows that ``sql`` answers, each a dict by column name; times are aware and in UTC."""
        with self.client() as client:
            result = client.query(sql, parameters=params or None, tz_mode="aware")
            return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

    def command(self, sql: str, /, settings: Mapping[str, Any] | None = None, **params: Any) -> Any:
        """Run a statement that returns nothing or one value."""
        with self.client() as client:
            return client.command(sql, parameters=params or None, settings=dict(settings or {}))

    def raw_insert(self, table: str, block: bytes, fmt: str, settings: Mapping[str, Any]) -> None:
        """Insert ``block``, already in ClickHouse format ``fmt``, in one statement."""
        with self.client() as client:
            client.raw_insert(table, insert_block=block, fmt=fmt, settings=dict(settings))

    def ping(self) -> None:
        """Raise :class:`StoreUnavailable` unless the store answers."""
        self.rows("SELECT 1 AS answer")

    @contextlib.contextmanager
    def client(self) -> Iterator[Client]:
        """A client for one call at a time. The driver's errors are raised as StoreError."""
        if self._closed:
            raise StoreUnavailable("The store is closed.", "The process is shutting down; try again when it runs.")
        with self._permits:
            client = self._take()
            try:
                yield client
            except ClickHouseError as error:
                raise from_clickhouse(error) from error
            finally:
                self._idle.put(client)

    def close(self) -> None:
        """Close every idle client; clients in use stay open: callers stop first."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()

    def _take(self) -> Client:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._open()

    def _open(self) -> Client:
        try:
            return clickhouse_connect.get_client(**self._target, settings=dict(self._settings))
        except ClickHouseError as error:
            raise StoreUnavailable(f"Cannot open the store at {redacted(self.url)}: {error}") from error


def open_store(url: str) -> Store:
    """Open the store at ``url`` and create its database when it is missing.

    ``chdb:///absolute/path`` is the embedded engine,
    ``clickhouse://user:password@host:8123/database`` a server (``clickhouses://`` with TLS). ``?database=`` names the
    database in either form; the default is ``flowtrail``. ``?config=`` names a configuration file of the embedded
    engine; the first to open a directory decides it for the whole process.
    Raises :class:`StoreError` for an address it cannot read and :class:`StoreUnavailable` when nothing answers.
    """
    database = Store(url).database
    if not database.replace("_", "").isalnum():
        raise StoreError(
            "invalid_query", f"The database name {database!r} is not usable.", "Use letters, digits and _."
        )
    bootstrap = Store(_with_database(url, "default"))
    try:
        bootstrap.command(f"CREATE DATABASE IF NOT EXISTS {database}")
    finally:
        bootstrap.close()
    return Store(url)


def redacted(url: str) -> str:
    """``url`` without its password, for messages and logs."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")))


@cache
def named_query(name: str) -> str:
    """The text of ``store/queries/<name>.sql``, its ``@include`` marks replaced; a name is ``directory/file``."""
    return include(resources.files("store").joinpath("queries", f"{name}.sql").read_text(encoding="utf-8"))


def _with_database(url: str, database: str) -> str:
    parts = urlsplit(url)
    options = {**dict(parse_qsl(parts.query)), "database": database}
    path = parts.path if parts.scheme == "chdb" else ""
    return urlunsplit(parts._replace(path=path, query=urlencode(options)))


def _target(url: str) -> dict[str, Any]:
    """The keyword arguments of ``clickhouse_connect.get_client`` for ``url``."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise StoreError(
            "invalid_query",
            f"{redacted(url)!r} is not a store address.",
            "Use chdb:///absolute/path or clickhouse://user:password@host:8123/database.",
        )
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "chdb":
        if parts.netloc or not parts.path.strip("/"):
            raise StoreError(
                "invalid_query", f"{url!r} names no directory.", "Write three slashes: chdb:///absolute/path."
            )
        path = str(Path(unquote(parts.path)))
        target = {"interface": "chdb", "path": path, "database": options.get("database", "flowtrail")}
        return target | ({"chdb_options": {"config-file": options["config"]}} if "config" in options else {})
    return _server_target(parts, options)


def _server_target(parts: SplitResult, options: dict[str, str]) -> dict[str, Any]:
    secure = parts.scheme in ("clickhouses", "https")
    return {
        "interface": "https" if secure else "http",
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or (8443 if secure else 8123),
        "username": unquote(parts.username) if parts.username else "default",
        "password": unquote(parts.password) if parts.password else "",
        "database": options.get("database") or parts.path.strip("/") or "flowtrail",
        # One pool serves many threads: sessions would make ClickHouse refuse a second call at a time.
        "autogenerate_session_id": False,
        "connect_timeout": 5,
        "send_receive_timeout": 300,
    }
