"""Files that only the service's own user can read, and that appear whole or not at all."""

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
    """Make ``directory``, or take everybody else's rights to it away; what it holds is nobody else's business.

    A directory that is shared by design (sticky, as /tmp) or belongs to another user stays as it is, with a warning.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(directory.stat().st_mode)
    if not mode & _OTHERS:
        return
    if mode & stat.S_ISVTX:
        _LOG.warning("Other users may see what is in %s: it is a shared folder.", directory)
        return
    try:
        directory.chmod(mode & ~_OTHERS)
    except PermissionError:
        _LOG.warning("Other users may see what is in %s: its rights cannot be changed.", directory)


def private_opener(path: str, flags: int) -> int:
    """For ``open(..., opener=private_opener)``: a new file is readable by its owner alone."""
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def write_whole(path: Path, *parts: bytes) -> None:
    """Write a file so that it is there whole, and lasts, or not at all; raises OSError if the disk refuses."""
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
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in ``directory`` (files created, renamed, deleted) survive a power cut."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
