"""The lock that keeps two collectors out of one log directory."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from collector.errors import DirectoryInUse

if TYPE_CHECKING:
    from pathlib import Path


class DirectoryLock:
    """Held while open; the kernel lets go of it when the process dies, so it never goes stale."""

    def __init__(self, directory: Path) -> None:
        """Raises DirectoryInUse, naming the process that holds the lock."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._fd = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._fd, 32, 0).decode(errors="replace").strip()
            os.close(self._fd)
            raise DirectoryInUse(str(directory), f" (process {holder})" if holder else "") from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        os.close(self._fd)
