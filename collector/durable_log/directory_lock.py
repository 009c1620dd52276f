"""The lock that keeps two collectors out of one log directory, and says where the process inside is reached."""

from __future__ import annotations

import fcntl
import json
import os
import time
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict, Unpack

from collector.errors import DirectoryInUse
from collector.files import private_directory

if TYPE_CHECKING:
    from pathlib import Path

LOCK: Final = "lock"
"""The name of the file that a collector locks. Other processes may hold files of other names beside it."""


class Addresses(TypedDict, total=False):
    """The addresses that a process announces, by the names that :class:`LockHolder` has for them."""

    otlp_http: str
    otlp_grpc: str
    api: str
    sql: str


class LockHolder(NamedTuple):
    """The process that holds a lock, and the addresses at which it is reached.

    ``pid`` is 0 and an address '' where it is not known, or where the process has no such port.
    """

    pid: int = 0
    otlp_http: str = ""
    otlp_grpc: str = ""
    api: str = ""
    sql: str = ""


class DirectoryLock:
    """Held while open. The kernel releases it when the process dies, so it never becomes stale."""

    def __init__(self, directory: Path, name: str = LOCK) -> None:
        """Raises DirectoryInUse, naming the process that holds the lock."""
        private_directory(directory)
        self._path = directory / name
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not self._taken():
            pid = _read(self._fd).pid
            os.close(self._fd)
            raise DirectoryInUse(str(directory), f" (process {pid})" if pid else "")
        self._holder = LockHolder(os.getpid())
        self._write()

    def announce(self, **addresses: Unpack[Addresses]) -> None:
        """Add addresses to what the lock says of its holder."""
        self._holder = self._holder._replace(**addresses)
        self._write()

    def close(self) -> None:
        """Let go of the lock."""
        os.close(self._fd)

    def _taken(self) -> bool:
        # Several attempts, because ``holder`` takes the lock for an instant to see whether it is free.
        for pause_s in (0.05, 0.1, 0.2, None):
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if pause_s is not None:
                    time.sleep(pause_s)
            else:
                return True
        return False

    def _write(self) -> None:
        # Written over the old text, which is shorter or equal, and cut only then: no reader finds an empty file.
        text = json.dumps(self._holder._asdict()).encode()
        os.pwrite(self._fd, text, 0)
        os.ftruncate(self._fd, len(text))


def holder(directory: Path, name: str = LOCK) -> LockHolder | None:
    """Who holds the lock ``name`` of ``directory``; None if nobody does."""
    try:
        fd = os.open(directory / name, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        # The lock decides, not the content of the file: the file of a process that was killed is still there.
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _read(fd)
    else:
        return None
    finally:
        os.close(fd)


def _read(fd: int) -> LockHolder:
    try:
        return LockHolder(**json.loads(os.pread(fd, 4096, 0)))
    except (ValueError, TypeError):  # it is being written at this moment
        return LockHolder()
