"""The lock that keeps two collectors out of one log directory. Its file says how to reach the holder."""

from __future__ import annotations

import fcntl
import json
import os
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from collector.errors import DirectoryInUse
from collector.files import private_directory

if TYPE_CHECKING:
    from pathlib import Path

_FILE: Final = "lock"


class LockHolder(NamedTuple):
    """Who holds a lock: its process id and, once it listens, the URL of its HTTP port. 0 and '' if unknown."""

    pid: int = 0
    http: str = ""


class DirectoryLock:
    """Held while open. The kernel releases it when the process dies, so it never becomes stale."""

    def __init__(self, directory: Path) -> None:
        """Take the lock. Raises DirectoryInUse, which names the process that holds it."""
        private_directory(directory)
        self._fd = os.open(directory / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not self._taken():
            pid = _read(self._fd).pid
            os.close(self._fd)
            raise DirectoryInUse(str(directory), f" (process {pid})" if pid else "")
        self._write(LockHolder(os.getpid()))

    def announce(self, address: str) -> None:
        """Write down the URL at which the holder can be reached."""
        self._write(LockHolder(os.getpid(), address))

    def close(self) -> None:
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

    def _write(self, holder: LockHolder) -> None:
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, json.dumps(holder._asdict()).encode(), 0)


def holder(directory: Path) -> LockHolder | None:
    """The holder of the lock of ``directory``; None if nobody holds it."""
    try:
        fd = os.open(directory / _FILE, os.O_RDONLY | os.O_CLOEXEC)
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
    except (ValueError, TypeError):  # the holder is writing it at this moment
        return LockHolder()
