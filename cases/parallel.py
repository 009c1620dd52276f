"""Runs two or three queries at the same time. Small queries spend most of their time planning, each on one core."""

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
    """What both return. ``second`` runs in another thread. Once both have ended, raises what either raised."""
    first_result, second_result, _ = run_three(first, second, lambda: None)
    return first_result, second_result


def run_three(
    first: Callable[[], First], second: Callable[[], Second], third: Callable[[], Third]
) -> tuple[First, Second, Third]:
    """What all three return. ``first`` runs in this thread. Once all have ended, raises what one of them raised."""
    second_future, third_future = _POOL.submit(second), _POOL.submit(third)
    futures: list[Future[Any]] = [second_future, third_future]
    try:
        return first(), second_future.result(), third_future.result()
    finally:
        # No query may outlive the call: its caller may close the store next.
        wait(futures)
