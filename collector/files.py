"""Files that only the service's own user can read, and that exist either completely or not at all."""

from __future__ import annotations

import logging
import os
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_LOG = logging.getLogger(__name__)

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def private_directory(directory: Path) -> None:
    """Create ``directory`` with the mode 0700, or remove the rights of group and others from it.

    A directory that is shared by design (sticky, like /tmp) or belongs to another user stays as it is, with a warning.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(directory.stat().st_mode)
    if not mode & _OTHERS:
        return
    if mode & stat.S_ISVTX:
        _LOG.warning("Other users may see what is in %s: it is a shared directory.", directory)
        return
    try:
        directory.chmod(mode & ~_OTHERS)
    except PermissionError:
        _LOG.warning("Other users may see what is in %s: its mode cannot be changed.", directory)


def private_opener(path: str, flags: int) -> int:
    """For ``open(..., opener=private_opener)``: only the owner can read a new file."""
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def write_whole(path: Path, *parts: bytes) -> None:
    """Write a file so that it survives a crash completely or not at all. Raises OSError."""
    aside = path.with_suffix(".new")
    try:
        with open(aside, "wb", opener=private_opener) as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)  # without it the new name may be lost in a power cut


def sync_directory(directory: Path) -> None:
    """Make changes of names in ``directory`` (files created, renamed, deleted) survive a power cut."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
