"""Try again until it works: how the writer lives through a store that is down and a disk that is full."""

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
    """The collector stops; what is unfinished stays in the log and goes under the same token after the next start."""


class Retrier:
    """Repeats a step with growing pauses, between ``first_s`` and ``longest_s``, until it works or ``stop`` was called.

    Each pause is cut by up to a half at random, so that many collectors do not come back to one store at once;
    ``dice`` gives numbers from 0 to 1. ``failures`` counts what failed, with the label ``kind``.
    """

    def __init__(
        self, first_s: float, longest_s: float, failures: Counter, dice: Callable[[], float] = random.random
    ) -> None:
        self._dice = dice
        self._first_s = first_s
        self._longest_s = longest_s
        self._failures = failures
        self._stopping = threading.Event()
        self._abandoned = False
        self._own = threading.Lock()
        self.trouble: str | None = None
        """What fails right now, in a sentence; None if all is well."""

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """From now on a step that fails is abandoned, not repeated."""
        self._stopping.set()

    def abandon(self) -> None:
        """From now on no ``own`` step begins; one under way ends first. A step that hangs then changes nothing."""
        with self._own:
            self._abandoned = True

    def remote(self, step: Callable[[], _Result], what: str, memory_tries: int = 0) -> _Result:
        """A step on somebody else's system, which may hang. Raises StoreError for a permanent refusal, Abandoned.

        ``memory_tries``: a step that has failed so often for want of memory is refused too, with StoreOutOfMemory; they
        are the longest pause apart. 0: memory is waited for like everything else.
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
            if self._stopping.wait(pause * (1 - self._dice() / 2)):
                raise Abandoned
            pause = min(pause * 2, self._longest_s)

    def local(self, step: Callable[[], _Result], what: str) -> _Result:
        """A step on the collector's own files; never begins once the writer was abandoned. Raises Abandoned."""
        return self.remote(lambda: self._guarded(step), what)

    def _guarded(self, step: Callable[[], _Result]) -> _Result:
        with self._own:
            if self._abandoned:
                raise Abandoned
            return step()

    def _failed(self, what: str, error: Exception, kind: str) -> None:
        trouble = f"Cannot {what}: {error}"
        if trouble != self.trouble:  # once, not with every repetition
            _LOG.error("%s; trying again until it works.", trouble, exc_info=error if kind == "error" else None)
        self.trouble = trouble
        self._failures.add(kind=kind)


def _kind(error: StoreError) -> str:
    """The label under which a failure is counted."""
    if isinstance(error, StoreOutOfMemory):
        return "memory"
    return "unavailable" if isinstance(error, StoreUnavailable) else "error"
