"""A small disk for the log that can be filled: a file system in memory, which only root can mount."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from pathlib import Path

SIZE: Final = "64m"
_BLOCK: Final = bytes(65_536)


class Disk:
    """``with Disk(folder) as disk``; the folder is an ordinary one where mounting is not allowed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"
        self.fillable = False

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True)
        options = ["-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(self.path)]
        with contextlib.suppress(FileNotFoundError):
            self.fillable = subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0
        return self

    def __exit__(self, *_: object) -> None:
        if self.fillable:
            shutil.copytree(self.path, self.path.with_name(f"{self.path.name}-kept"))  # for whoever looks afterwards
            subprocess.run(["umount", "--lazy", str(self.path)], capture_output=True, check=False)

    def fill(self) -> None:
        """Leave no byte free."""
        with contextlib.suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while file.write(_BLOCK):
                pass

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)
