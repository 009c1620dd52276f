"""What another process uses, as Linux tells it: CPU time, memory, and the CPU time of its threads by name."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
MERGE_THREADS: Final = "MergeMutate"
"""Name of the threads that merge parts (also those of a ClickHouse server)."""


def cpu_s(pid: int) -> float:
    """CPU seconds, user and system, of all threads, also of those that ended."""
    return _ticks(Path(f"/proc/{pid}/stat")) * _TICK_S


def resident_mib(pid: int) -> float:
    return _status_mib(pid, "VmRSS")


def peak_mib(pid: int) -> float:
    """The most that was resident at any time."""
    return _status_mib(pid, "VmHWM")


def threads_s(pid: int) -> Counter[str]:
    """CPU seconds by the name of the thread, of the threads that live now.

    ClickHouse's workers of queries carry the name of what they did last, so only threads with one task are told apart
    for certain: those that merge.
    """
    used: Counter[str] = Counter()
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            used[(task / "comm").read_text(encoding="utf-8").strip()] += _ticks(task / "stat") * _TICK_S
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
    return used


def _ticks(stat: Path) -> int:
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _status_mib(pid: int, key: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) / 1024


@dataclass
class Watch:
    """Calls ``look`` every ``every_s`` seconds in a thread, from ``with`` to its end, and keeps what it answers."""

    look: Callable[[], dict[str, float]]
    every_s: float = 1.0
    seen: list[dict[str, float]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        began = time.perf_counter()
        while not self._over.is_set():
            self.seen.append({"s": time.perf_counter() - began, **self.look()})
            self._over.wait(self.every_s)
