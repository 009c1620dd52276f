"""How far an import is, as a line that rewrites itself, on a terminal only."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importing.run import ImportRun

_EVERY_S: Final = 0.2


class ProgressLine:
    """Shows what ``run`` has read and sent. Elsewhere than on a terminal it is silent."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._shown = out.isatty()
        self._began = self._last = time.monotonic()

    def tick(self, run: ImportRun) -> None:
        now = time.monotonic()
        if not self._shown or now - self._last < _EVERY_S:
            return
        self._last = now
        log = run.log
        share = 100 * log.position() / log.size if log and log.size else 0
        rate = run.summary.sent / max(now - self._began, 0.001)
        text = f"{run.summary.name}: {share:3.0f} % read, {run.summary.events:,} events, {rate:,.0f} a second"
        self._out.write(f"\r{text:<78}")
        self._out.flush()

    def end(self) -> None:
        if self._shown:
            self._out.write(f"\r{'':<78}\r")
            self._out.flush()
