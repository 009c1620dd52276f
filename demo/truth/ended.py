"""Which orders have ended, read while the systems are still writing."""

import json
import threading
from pathlib import Path


class Ended:
    """Order numbers that have ended, read from what the systems append to their truth."""

    def __init__(self, workdir: Path) -> None:
        self._workdir = workdir
        self._read: dict[Path, int] = {}
        self._numbers: set[str] = set()
        self._lock = threading.Lock()

    def numbers(self) -> set[str]:
        """All that have ended so far."""
        with self._lock:
            for path in self._workdir.glob("truth-*.jsonl"):
                self._read_on(path)
            return set(self._numbers)

    def _read_on(self, path: Path) -> None:
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read[path] = self._read.get(path, 0) + len(whole) + len(newline)
        for line in whole.splitlines():
            if b'"outcome"' in line:
                self._numbers.add(str(json.loads(line)["order"]))
