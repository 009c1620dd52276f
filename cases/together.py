"""Two questions to the store at the same time: small ones spend their time in planning, on one core each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

First = TypeVar("First")
Second = TypeVar("Second")

_POOL: Final = ThreadPoolExecutor(8, "cases")


def together(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """What both return; ``second`` runs in another thread. Raises what either raises, when both have ended."""
    other = _POOL.submit(second)
    try:
        return first(), other.result()
    finally:
        wait([other])
