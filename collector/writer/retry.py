"""Repeats a step until it succeeds: how the writer survives a store that is down and a disk that is full."""

from __future__ import annotations

import logging
import random
import threading
from typing import TYPE_CHECKING, TypeVar

from store.errors import StoreError, StoreOutOfMemory, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.telemetry.prometheus import Counter

_LOG = logging.getLogger(__name__)

_Result = TypeVar("_Result")


class Abandoned(Exception):
    """The collector stops. The unfinished batch stays in the log and keeps its token after the next start."""


class Retrier:
    """Repeats a step until it succeeds or ``stop`` is called. The pauses double from ``first_s`` up to ``longest_s``.

    Each pause is shortened at random by up to a half, so that many collectors do not return to one store at the same
    time; ``jitter`` returns numbers from 0 to 1. ``failures`` counts failed attempts, with the label ``kind``.
    """

    def __init__(
        self, first_s: float, longest_s: float, failures: Counter, jitter: Callable[[], float] = random.random
    ) -> None:
        self._jitter = jitter
        self._first_s = first_s
        self._longest_s = longest_s
        self._failures = failures
        self._stopping = threading.Event()
        self._abandoned = False
        self._local = threading.Lock()
        self.trouble: str | None = None
        """What fails right now, in a sentence; None if nothing does."""

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """From now on a step that fails is abandoned, not repeated."""
        self._stopping.set()

    def abandon(self) -> None:
        """From now on no ``local`` step begins. Waits for one that is under way.

        A writer that hangs in the store and comes back later can then change nothing.
        """
        with self._local:
            self._abandoned = True

    def remote(self, step: Callable[[], _Result], what: str, memory_tries: int = 0) -> _Result:
        """A step on another system, which may hang. Raises StoreError for a permanent refusal, Abandoned on a stop.

        ``what`` completes the sentence "Cannot …". ``memory_tries``: after so many failures for lack of memory, with
        the longest pause between them, StoreOutOfMemory is raised. 0: it is repeated like any other failure.
        """
        pause = self._first_s
        while True:
            try:
                result = step()
            except Abandoned:
                raise
            except StoreError as error:
                if error.code == "invalid_data":
                    self.trouble = None
                    raise
                self._failed(what, error, _kind(error))
                if memory_tries and isinstance(error, StoreOutOfMemory):
                    memory_tries -= 1
                    pause = self._longest_s
                    if not memory_tries:
                        self.trouble = None
                        raise
            except Exception as error:  # noqa: BLE001 (nothing acknowledged may be lost for it)
                self._failed(what, error, "error")
            else:
                self.trouble = None
                return result
            if self._stopping.wait(pause * (1 - self._jitter() / 2)):
                raise Abandoned
            pause = min(pause * 2, self._longest_s)

    def local(self, step: Callable[[], _Result], what: str) -> _Result:
        """A step on the collector's own files. Raises Abandoned on a stop, and always after ``abandon``."""
        return self.remote(lambda: self._guarded(step), what)

    def _guarded(self, step: Callable[[], _Result]) -> _Result:
        # The check and the step are one, so that abandon() can wait for a step that has passed the check.
        with self._local:
            if self._abandoned:
                raise Abandoned
            return step()

    def _failed(self, what: str, error: Exception, kind: str) -> None:
        trouble = f"Cannot {what}: {error}"
        if trouble != self.trouble:  # log it once, not at every attempt
            _LOG.error("%s; trying again until it succeeds.", trouble, exc_info=error if kind == "error" else None)
        self.trouble = trouble
        self._failures.add(kind=kind)


def _kind(error: StoreError) -> str:
    """The label under which a failure is counted."""
    if isinstance(error, StoreOutOfMemory):
        return "memory"
    return "unavailable" if isinstance(error, StoreUnavailable) else "error"
