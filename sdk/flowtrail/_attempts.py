"""Attempts: the same step tried again, each try a step of its own with ``flow.attempt`` 1, 2 and so on."""

from __future__ import annotations

import inspect
import math
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from . import _attributes as details
from ._failures import of_exception
from ._step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from ._scope import Scope

Backoff = float | Sequence[float] | Callable[[int], float]
"""Seconds before the next attempt: always the same, one per retry (the last one stays), or a function of the attempt
that failed (1, 2, …)."""

DEFAULT_ATTEMPTS: Final = 3
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 30.0


class AttemptArguments(details.StepDetails, total=False):
    """Details of the step, and how often and when it is tried."""

    max_attempts: int
    backoff: Backoff | None
    retry_on: type[BaseException] | tuple[type[BaseException], ...] | None
    sleep: Callable[[float], Any] | None


def doubling(attempt: int) -> float:
    """The usual pause: 0.1 s, doubled each time up to 30 s, spread by ±50 % so that clients do not return together."""
    pause = min(_LONGEST_PAUSE_S, math.ldexp(_FIRST_PAUSE_S, min(attempt - 1, 16)))
    return pause * random.uniform(0.5, 1.5)  # noqa: S311 - a spread, not a secret


class Attempts:
    """The attempts at one step; iterate once, entering each attempt."""

    def __init__(self, scope: Scope, name: str, step_details: Mapping[str, Any]) -> None:
        own = dict(step_details)
        checks = scope.runtime.checks
        self._scope = scope
        self._name = name
        backoff = own.pop("backoff", None)
        self._backoff: Backoff = doubling if backoff is None else backoff
        self._retry_on = own.pop("retry_on", None)
        self._sleep: Callable[[float], Any] | None = own.pop("sleep", None)
        self._max = checks.count("max attempts", own.pop("max_attempts", DEFAULT_ATTEMPTS)) or DEFAULT_ATTEMPTS
        self._first = checks.count("attempt", own.pop("attempt", None) or 1) or 1
        # One key for all attempts, so that the called system can tell a retry from a second order.
        own["idempotency_key"] = own.get("idempotency_key") or f"{scope.runtime.ids.generate_trace_id():032x}"
        self._given = own

    def __iter__(self) -> Iterator[Attempt]:
        for number in range(self._max):
            attempt = self._attempt(number)
            yield attempt
            if not attempt.again:
                return
            (self._sleep or time.sleep)(self._pause(number + 1))

    async def __aiter__(self) -> AsyncIterator[Attempt]:
        for number in range(self._max):
            attempt = self._attempt(number)
            yield attempt
            if not attempt.again:
                return
            await self._sleep_async(self._pause(number + 1))

    def _attempt(self, number: int) -> Attempt:
        attempt = self._first + number
        step = Step(self._scope, self._name, {**self._given, "attempt": attempt})
        return Attempt(step, self, attempt, last=number + 1 == self._max)

    async def _sleep_async(self, seconds: float) -> None:
        if self._sleep is None:
            import asyncio  # noqa: PLC0415 - a quarter of the SDK's import time, and loaded already where this runs

            await asyncio.sleep(seconds)
            return
        result = self._sleep(seconds)
        if inspect.isawaitable(result):
            await result

    def _pause(self, attempt: int) -> float:
        try:
            return self._asked_pause(attempt)
        except Exception as error:  # noqa: BLE001 - a broken backoff must not hide the error that is being retried
            self._scope.runtime.checks.internal(error)
            return doubling(attempt)

    def _asked_pause(self, attempt: int) -> float:
        backoff = self._backoff
        if callable(backoff):
            seconds = backoff(attempt)
        elif isinstance(backoff, Sequence):
            seconds = backoff[min(attempt, len(backoff)) - 1]
        else:
            seconds = backoff
        return max(0.0, float(seconds))

    def wants(self, error: BaseException) -> bool:
        """Whether another attempt could help against this exception."""
        if self._retry_on is not None:
            return isinstance(error, self._retry_on)
        if not isinstance(error, Exception):
            return False
        rules = (self._given.get("classify"), self._scope.classify, self._scope.runtime.classify)
        return of_exception(error, rules, self._scope.runtime.checks).kind == "infrastructure"


class Attempt:
    """One attempt; entering it gives the step. Keeps an exception back while another attempt may help.

    ``number`` is the step's ``flow.attempt``: 1, 2, … or on from the ``attempt`` that was given.
    """

    def __init__(self, step: Step, attempts: Attempts, number: int, *, last: bool) -> None:
        self.number = number
        self._step = step
        self._attempts = attempts
        self._last = last
        self.again = False

    def __enter__(self) -> Step:
        return self._step.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._step.__exit__(kind, error, trace)
        if error is not None:
            self.again = not self._last and self._attempts.wants(error)
            return self.again
        failure = self._step.failure
        self.again = not self._last and failure is not None and failure.kind == "infrastructure"
        return False

    async def __aenter__(self) -> Step:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return self.__exit__(kind, error, trace)
