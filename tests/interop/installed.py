"""Folders with what other languages' clients need: installed once, whichever process of the tests asks first."""

from __future__ import annotations

import fcntl
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def install_once(folder: Path, is_current: Callable[[], bool], install: Callable[[Path], None]) -> Path:
    """``folder``, filled by ``install`` unless it ``is_current``.

    ``install`` fills a folder beside it first, so that an installation that was cut short does not count. The lock
    keeps two processes from doing so at once: the second would empty the folder that the first is filling.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current():
            aside = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(parents=True)
            install(aside)
            shutil.rmtree(folder, ignore_errors=True)
            aside.rename(folder)
    return folder
