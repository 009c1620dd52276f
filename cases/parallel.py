"""Two or three questions to the store at the same time: small ones spend their time in planning, on one core each."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

First = TypeVar("First")
Second = TypeVar("Second")
Third = TypeVar("Third")

_POOL: Final = ThreadPoolExecutor(8, "cases")


def run_both(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """What both return; ``second`` runs in another thread. Raises what either raises, when both have ended."""
    found, other, _ = run_three(first, second, lambda: None)
    return found, other


def run_three(
    first: Callable[[], First], second: Callable[[], Second], third: Callable[[], Third]
) -> tuple[First, Second, Third]:
    """What all return; ``first`` runs in this thread. Raises what one of them raises, when all have ended."""
    other, last = _POOL.submit(second), _POOL.submit(third)
    both: list[Future[Any]] = [other, last]
    try:
        return first(), other.result(), last.result()
    finally:
        wait(both)
