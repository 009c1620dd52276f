"""Where a Kaplan-Meier curve falls to a share, decided in whole numbers.

The store finds the rank in floating point. Where rounding could matter it names two candidates, and the product of
fractions that decides between them is compared here without rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from fractions import Fraction

TOLERANCE: Final = 4e-9
"""Relative. Far above the rounding error of a sum of a million logarithms, and below half of the smallest step of a
curve over 100 million cases: so the two candidates are equal or neighbours."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Candidates for the first of ``cases`` ranks at which the curve is at or below a share.

    The rank is ``first`` or else ``surely``; 0 stands for none. ``open_before`` are the ranks of the cases in flight,
    in order; those after ``first`` do not matter.
    """

    cases: int
    first: int
    surely: int
    open_before: Sequence[int]

    def rank(self, share: Fraction) -> int:
        """The rank at which the curve is at or below ``share`` for the first time; 0 if it never is."""
        if self.first in (self.surely, 0):
            return self.surely
        return self.first if self._at_or_below(share) else self.surely

    def _at_or_below(self, share: Fraction) -> bool:
        """Whether S after rank ``first`` is ≤ share: (n-i)/n, times (n-p+1)/(n-p) for each case in flight at rank p."""
        ups, downs = [self.cases - self.first], [self.cases]
        # Of ranks in a row, all factors cancel but the first numerator and the last denominator.
        for begin, end in _runs(rank for rank in self.open_before if rank < self.first):
            ups.append(self.cases - begin + 1)
            downs.append(self.cases - end)
        return _product(ups) * share.denominator <= _product(downs) * share.numerator


def _runs(ranks: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of consecutive ranks."""
    # Rank minus position is constant within a run.
    for _, run in groupby(enumerate(ranks), key=lambda pair: pair[1] - pair[0]):
        members = [rank for _, rank in run]
        yield members[0], members[-1]


def _product(numbers: list[int]) -> int:
    """The product, in pairs: Python multiplies numbers of similar size fastest."""
    while len(numbers) > 1:
        pairs = zip(numbers[::2], [*numbers[1::2], 1], strict=False)
        numbers = [a * b for a, b in pairs]
    return numbers[0]
