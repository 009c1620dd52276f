"""The watch over steps that take long: after ``started_after_s`` a step is reported as begun.

One daemon thread per runtime. It sleeps until the oldest open step is due, so a host whose steps are short wakes it
about once per ``started_after_s``, and a host without open steps never.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._step import Step


class Watch:
    """Calls ``step.announce()`` on every step that stays open for ``after_s`` seconds; fork-safe."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._closed = False
        self._reset()

    def _reset(self) -> None:
        self._open: dict[Step, float] = {}
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._idle = False

    def after_fork(self) -> None:
        """In the child: the thread stayed with the parent, and so does the reporting of what was open."""
        self._reset()

    def add(self, step: Step) -> None:
        """Watch a step that begins now."""
        if self._closed:
            return
        self._open[step] = time.monotonic() + self._after_s
        if self._thread is None:
            self._start()
        elif self._idle:
            self._wake.set()

    def discard(self, step: Step) -> None:
        """Forget a step that ended."""
        self._open.pop(step, None)

    def close(self) -> None:
        """Stop the thread."""
        self._closed = True
        self._wake.set()

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, name="flowtrail-watch", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the interpreter is going down
                return
            self._thread = thread

    def _run(self) -> None:
        while not self._closed:
            self._wake.wait(self._until_next())
            self._wake.clear()
            self._idle = False
            self._announce_due()

    def _until_next(self) -> float | None:
        due = self._oldest()
        if due is None:
            self._idle = True
            due = self._oldest()  # one may have come before it could see that we are idle
        return None if due is None else max(0.0, due[1] - time.monotonic())

    def _oldest(self) -> tuple[Step, float] | None:
        while True:
            try:
                return next(iter(self._open.items()), None)
            except RuntimeError:  # changed by another thread between the two calls
                continue

    def _announce_due(self) -> None:
        while (oldest := self._oldest()) and oldest[1] <= time.monotonic():
            self._open.pop(oldest[0], None)
            oldest[0].announce()
