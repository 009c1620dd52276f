"""Seeded dice without a sequence: the same seed, purpose and key give the same roll, whenever and wherever.

So five processes agree without talking, and what befalls an order does not depend on what else is under way.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Dice:
    """Every roll is a pure function of ``seed``, ``purpose`` and ``key``."""

    seed: int

    def roll(self, purpose: str, key: str) -> float:
        """A number in [0, 1)."""
        digest = hashlib.blake2b(f"{self.seed}|{purpose}|{key}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / (1 << 56)

    def chance(self, purpose: str, key: str, probability: float) -> bool:
        return self.roll(purpose, key) < probability

    def between(self, purpose: str, key: str, low: float, high: float) -> float:
        return low + (high - low) * self.roll(purpose, key)

    def pick(self, purpose: str, key: str, options: Sequence[T]) -> T:
        return options[int(self.roll(purpose, key) * len(options))]
