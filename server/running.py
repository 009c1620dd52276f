"""Which server holds a data directory, and at which addresses? Asked here by every command, answered by the servers.

A process that serves announces its addresses in a file that it keeps locked: a collector in the lock of its log, a
process without a collector (``flowtrail api``, ``flowtrail store serve``) in a file of its own. The kernel drops the
lock when the process dies, so a file that nobody locks says nothing. No command asks a port by its number: whoever
answers at the default port may serve another data directory.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Unpack

from collector.durable_log.directory_lock import Addresses, DirectoryLock, Holder, holder
from common.errors import FlowtrailError
from common.loopback import reachable_host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DIRECTORY: Final = "serving"


class NotRunning(FlowtrailError):
    """Nothing that serves this data directory can do what was asked. Codes: ``not_running``, ``in_use``."""


def running(data: Path) -> Holder | None:
    """The server of the data directory ``data``; None if there is none.

    Several processes may serve one directory, such as ``flowtrail collector`` and ``flowtrail api``. Their addresses
    are put together; ``pid`` is that of the collector, or else of the first of them.
    """
    processes = [process for process in (holder(data / "collector"), *_others(data)) if process]
    if not processes:
        return None
    first, *rest = processes
    for process in rest:
        missing = {name: address for name, address in process._asdict().items() if not getattr(first, name)}
        first = first._replace(**missing)
    return first


@contextmanager
def announced(data: Path, **addresses: Unpack[Addresses]) -> Iterator[None]:
    """Announce the addresses of a process that runs no collector, for as long as the block runs."""
    directory = data / _DIRECTORY
    lock = DirectoryLock(directory, f"{os.getpid()}.lock")
    try:
        lock.announce(**addresses)
        yield
    finally:
        (directory / f"{os.getpid()}.lock").unlink(missing_ok=True)
        lock.close()


def api_address(data: Path) -> str:
    """The query API over the data directory ``data``. Raises NotRunning."""
    server = running(data)
    if server is None:
        raise NotRunning(
            "not_running",
            f"No Flowtrail serves the data directory {data}.",
            f"Start one with flowtrail serve --data {data}, name its directory with --data or FLOWTRAIL_DATA, "
            "or give the address of a query API.",
        )
    if not server.api:
        raise NotRunning(
            "in_use",
            f"The process {server.pid or 'unknown'} on the data directory {data} serves no query API.",
            "Try again in a moment, start flowtrail api, or give the address of a query API.",
        )
    return server.api


def collector_address(data: Path, option: str) -> str | None:
    """The collector that runs on ``data``; None if nothing does. ``option`` is the one that names another collector.

    Raises NotRunning ``in_use`` while a process holds the directory and is not reached over HTTP.
    """
    server = running(data)
    if server is None or server.otlp_http:
        return server.otlp_http if server else None
    raise NotRunning(
        "in_use",
        f"The data directory {data} is in use (process {server.pid or 'unknown'}), and that process has no collector.",
        f"Stop it or try again in a moment, or name a collector: {option} http://127.0.0.1:4318.",
    )


def http_address(host: str, port: int) -> str:
    """Where programs on this machine reach a port that is bound to ``host``."""
    return f"http://{reachable_host(host)}:{port}"


def _others(data: Path) -> Iterator[Holder | None]:
    directory = data / _DIRECTORY
    names = sorted(path.name for path in directory.glob("*.lock")) if directory.is_dir() else []
    return (holder(directory, name) for name in names)
