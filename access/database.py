"""The transactional database: SQLite in the data folder, or PostgreSQL where several processes share it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from access.errors import AccessError
from access.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection

_BUSY_TIMEOUT_MS: Final = 5000
_POSTGRESQL: Final = {
    # A server that has vanished must not block requests for long. In seconds; the last one in milliseconds.
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_WRITES: Final = "flowtrail_writes"
"""Execution option of a connection that will write."""


class Database:
    """An open database with its schema up to date. Thread-safe; ``close`` it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, address: str) -> Self:
        """Open ``sqlite:////path`` or ``postgresql://user:password@host/name``; a file is created if it is missing.

        Raises AccessError ``invalid`` for another address, ``unavailable``, or ``migration`` for a schema of a newer
        version.
        """
        url = _url(address)
        _prepare_file(url)
        database = cls(_engine(url))
        try:
            with database.write() as connection:
                migrate(connection)
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from. Raises AccessError ``unavailable``."""
        with _explained(self._engine), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed at the end of the block. Raises AccessError ``unavailable``."""
        with _explained(self._engine), self._engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    def close(self) -> None:
        self._engine.dispose()


def sqlite_path(address: str) -> Path | None:
    """The file of a SQLite address; None for a server."""
    url = _url(address)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _url(address: str) -> URL:
    how = "Use sqlite:////absolute/path or postgresql://user:password@host:5432/database."
    try:
        url = make_url(address)
    except ArgumentError:
        # The address may contain a password, so the message does not repeat it.
        raise AccessError("invalid", "The address of the database of keys cannot be read.", how) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise AccessError("invalid", f"Keys cannot be stored in {url.get_backend_name()}.", how)
    if not url.database or url.database == ":memory:":
        raise AccessError("invalid", "The address of the database of keys names no file.", how)
    return url


def _prepare_file(url: URL) -> None:
    """Create the file, readable for its owner only. SQLite would create it with the default mode."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not opened if it exists: closing it would release every lock that this process holds on it.
        if not path.exists():
            path.touch(mode=0o600)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise AccessError(
            "unavailable",
            f"The database of keys cannot be opened: {error}.",
            "Check FLOWTRAIL_DATA, FLOWTRAIL_DATABASE and the owner of the directory.",
        ) from None


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        # A new connection each time: a kept one would go on reading a file that a backup has replaced.
        engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000}, poolclass=NullPool)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(url, pool_pre_ping=True, pool_size=2, connect_args=_POSTGRESQL)
    except ImportError:
        raise AccessError(
            "invalid",
            "The driver for PostgreSQL is not installed.",
            "Install it with: pip install 'flowtrail-server[postgresql]'",
        ) from None


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # Python's driver would begin transactions by itself, and too late
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    _leave_wal(connection)
    for pragma in (
        "synchronous = FULL",  # a confirmed revocation must survive a power cut
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _leave_wal(connection: Any) -> None:
    """Keep the changes in the file itself.

    In WAL mode a process holds locks for as long as it has the file open, and POSIX frees them as soon as the process
    closes any other descriptor of that file: a backup in a thread is enough. The next command then deletes the log
    from under the server, which never sees a change again; revoked keys stay valid. Without the log, a lock lasts as
    long as a transaction.
    """
    if connection.execute("PRAGMA journal_mode").fetchone() != ("delete",):
        # Locked while a process of version 0.1 has it open. The next connection tries again.
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = DELETE")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails if another one has written in between, and no timeout
    # helps. So a writer takes the lock at its begin, where it waits for busy_timeout.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
        where = engine.url.render_as_string(hide_password=True)
        raise AccessError(
            "unavailable",
            f"The database of keys at {where} failed: {reason}.",
            "Check that it runs, the setting FLOWTRAIL_DATABASE, and the free space on its disk.",
        ) from error
