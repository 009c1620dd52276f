"""Examples of a Hypothesis strategy, for tests that look at many at once."""

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


def drawn(strategy: SearchStrategy[T], number: int) -> list[T]:
    """So many different examples. None is shrunk: where each costs seconds of the engine, that would take minutes."""
    found: list[T] = []

    @settings(
        max_examples=number, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=HealthCheck
    )
    @given(strategy)
    def keep(example: T) -> None:
        found.append(example)

    keep()
    return found
