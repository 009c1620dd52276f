"""Which server uses a data directory, and at which addresses? All commands find their server here.

A server announces its addresses in a file that it keeps locked: a collector in the lock of its log, a process without
a collector (``flowtrail api``, ``flowtrail store serve``) in a file of its own. The kernel releases the lock when the
process dies, so a file without a lock announces nothing. No command tries a port by its number: the server at the
default port may use another data directory.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, Unpack
from uuid import uuid4

from collector.durable_log.directory_lock import Addresses, DirectoryLock, LockHolder, holder
from common.errors import FlowtrailError
from common.loopback import reachable_host
from store.client import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from server.settings import Settings

_LOG = logging.getLogger(__name__)

_LOG_DIRECTORY: Final = "collector"
_DIRECTORY: Final = "serving"


class NotRunning(FlowtrailError):
    """No server on this data directory can do what the command needs.

    Codes: ``not_running``; ``in_use`` (a process runs but cannot do it); ``unreadable`` (the data directory).
    """


def running(data: Path) -> LockHolder | None:
    """The server on the data directory ``data``; None if there is none. Raises NotRunning ``unreadable``.

    Several processes may use one directory, such as ``flowtrail collector`` and ``flowtrail api``. The result has the
    addresses of all of them; ``pid`` is that of the collector, or else of the first one.
    """
    processes = [process for process in (_collector(data), *_others(data)) if process]
    if not processes:
        return None
    first, *rest = processes
    for process in rest:
        missing = {name: address for name, address in process._asdict().items() if not getattr(first, name)}
        first = first._replace(**missing)
    return first


@contextmanager
def announced(data: Path, **addresses: Unpack[Addresses]) -> Iterator[None]:
    """Announce the addresses of a process without a collector, until the end of the block."""
    directory = data / _DIRECTORY
    # Not named by the process id: containers that share a volume may all be process 1.
    file = directory / f"{uuid4().hex}.lock"
    try:
        lock = _announce(file, addresses)
    except OSError as error:
        # Not fatal: a query API needs no data directory, because its keys and cases may be on other servers.
        _LOG.warning("Commands cannot find this server by its data directory %s: %s.", data, error)
        yield
        return
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
        lock.close()


def api_address(data: Path) -> str:
    """The query API on the data directory ``data``. Raises NotRunning."""
    server = running(data)
    if server is None:
        raise _not_running(data, "of a query API")
    if not server.api:
        raise NotRunning(
            "in_use",
            f"Process {server.pid or 'unknown'} uses the data directory {data}, but serves no query API.",
            "If it is starting, try again in a moment. Otherwise stop it, or give the address of a query API.",
        )
    return server.api


def collector_address(data: Path, option: str) -> str | None:
    """The collector on the data directory ``data``; None if there is none. ``option``: for the address of another one.

    Raises NotRunning ``in_use`` while a process uses the collector's log and cannot be reached over HTTP.
    """
    collector = _collector(data)
    if collector is None or collector.otlp_http:
        return collector.otlp_http if collector else None
    # It is a server that is starting or stopping, or an import with a collector of its own.
    raise NotRunning(
        "in_use",
        f"Process {collector.pid or 'unknown'} uses the data directory {data} and cannot be reached over HTTP.",
        f"Try again in a moment, or give the address of a collector: {option} http://127.0.0.1:4318.",
    )


def expect_collector(data: Path, option: str) -> str:
    """Like :func:`collector_address`, but raises NotRunning if there is none."""
    address = collector_address(data, option)
    if address is None:
        raise _not_running(data, f"of a collector with {option}")
    return address


def expect_free_store(settings: Settings) -> None:
    """Raise NotRunning ``in_use`` if another process has the embedded store open. A ClickHouse server can be shared."""
    if not Store(settings.store_url).embedded:
        return
    server = running(settings.data)
    if server:
        raise NotRunning(
            "in_use",
            f"Process {server.pid or 'unknown'} has the embedded store in {settings.data} open.",
            "Stop it, then try again.",
        )


def http_address(host: str, port: int) -> str:
    """The address at which programs on this machine reach a port that is bound to ``host``."""
    return f"http://{reachable_host(host)}:{port}"


def _announce(file: Path, addresses: Addresses) -> DirectoryLock:
    # Renamed when it is locked and complete. A file with the final name and without a lock can then only come from a
    # process that was killed, and may be deleted.
    draft = file.with_suffix(".new")
    lock = DirectoryLock(file.parent, draft.name)
    lock.announce(**addresses)
    draft.rename(file)
    return lock


def _collector(data: Path) -> LockHolder | None:
    with _readable(data):
        return holder(data / _LOG_DIRECTORY)


def _others(data: Path) -> list[LockHolder]:
    directory = data / _DIRECTORY
    processes = []
    with _readable(data):
        for path in sorted(directory.glob("*.lock")) if directory.is_dir() else ():
            process = holder(directory, path.name)
            if process:
                processes.append(process)
                continue
            with suppress(OSError):  # on a read-only file system it stays, which does no harm
                path.unlink()
    return processes


@contextmanager
def _readable(data: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise NotRunning(
            "unreadable",
            f"The data directory {data} cannot be read: {error.strerror}.",
            "Run the command as the user of the server, or give the address of the server.",
        ) from None


def _not_running(data: Path, which: str) -> NotRunning:
    return NotRunning(
        "not_running",
        f"No Flowtrail server runs on the data directory {data}.",
        f"Start one with flowtrail serve --data {data}, name another directory with --data or FLOWTRAIL_DATA, "
        f"or give the address {which}.",
    )
